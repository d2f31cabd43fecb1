/** Runs in a thread of its own: hashes as it is told, one after the other. */
import { availableParallelism, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { hashPassword, matchesHash } from "./password-hash.ts";
import type { HashJob, HashReply } from "./start-hash-thread.ts";

/**
 * Behind the event loop where the two share the only core; where there are more, one is left to it. On Linux this is said
 * of the thread alone; elsewhere it would be of the process.
 */
const NICENESS = 5;
if (process.platform === "linux" && availableParallelism() === 1) setPriority(NICENESS);

parentPort?.on("message", (job: HashJob) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is no window
  parentPort?.postMessage(replyTo(job));
});

function replyTo(job: HashJob): HashReply {
  try {
    return {
      answer: job.kind === "hash" ? hashPassword(job.password, job.pepper) : matchesHash(job.password, job.pepper, job.stored),
    };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
