import { extname } from "node:path";
import { Worker } from "node:worker_threads";

export type HashJob =
  | { readonly kind: "hash"; readonly password: string; readonly pepper: string | null }
  | { readonly kind: "verify"; readonly password: string; readonly pepper: string | null; readonly stored: string };

/** The hash, or whether it matches. */
export type HashAnswer = string | boolean;

export type HashReply = { readonly answer: HashAnswer } | { readonly failure: string };

export interface HashThread {
  /** After those it was given before. */
  run(job: HashJob): Promise<HashAnswer>;
}

/** The same in the sources and in what is published. */
const FILE = new URL(`./hash-thread${extname(import.meta.url)}`, import.meta.url);

/** A thread that keeps the process alive only while it is at work. It is to be given nothing more after a failure. */
export function startHashThread(): HashThread {
  const worker = new Worker(FILE, { execArgv: [], env: {} });
  worker.unref();
  /** In the order they were given. */
  const asked: PromiseWithResolvers<HashAnswer>[] = [];
  let isBroken = false;
  const end = (error: Error): void => {
    isBroken = true;
    for (const { reject } of asked.splice(0)) reject(error);
  };
  worker.on("error", end);
  worker.on("exit", () => end(new Error("The hashing thread has ended.")));
  worker.on("message", (reply: HashReply) => {
    const job = asked.shift();
    if ("failure" in reply) {
      isBroken = true;
      job?.reject(new Error(reply.failure));
    } else job?.resolve(reply.answer);
    if (asked.length > 0) return;
    worker.unref();
    if (isBroken) void worker.terminate();
  });
  return {
    run(job) {
      const answer = Promise.withResolvers<HashAnswer>();
      asked.push(answer);
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      worker.postMessage(job);
      return answer.promise;
    },
  };
}
