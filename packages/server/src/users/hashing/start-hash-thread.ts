import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";

export type HashJob =
  | { readonly kind: "hash"; readonly password: string; readonly pepper: string | null }
  | { readonly kind: "verify"; readonly password: string; readonly pepper: string | null; readonly stored: string };

/** The hash, or whether it matches. */
export type HashAnswer = string | boolean;

export type HashReply = { readonly answer: HashAnswer } | { readonly failure: string };

export interface HashThread {
  /** One at a time. */
  run(job: HashJob): Promise<HashAnswer>;
}

/** The same in the sources and in what is published. */
const FILE = new URL(`./hash-thread${extname(import.meta.url)}`, import.meta.url);

/** A thread that keeps the process alive only while it is at work. It is not used again after a failure. */
export function startHashThread(): HashThread {
  const worker = new Worker(FILE, { execArgv: [], env: {} });
  worker.unref();
  return {
    async run(job) {
      const settled = new AbortController();
      const { signal } = settled;
      worker.ref();
      try {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
        worker.postMessage(job);
        const ended = once(worker, "exit", { signal }).then(() => Promise.reject(new Error("The hashing thread has ended.")));
        const [reply] = (await Promise.race([once(worker, "message", { signal }), ended])) as [HashReply];
        if ("failure" in reply) throw new Error(reply.failure);
        return reply.answer;
      } catch (error) {
        void worker.terminate();
        throw error;
      } finally {
        settled.abort();
        worker.unref();
      }
    },
  };
}
