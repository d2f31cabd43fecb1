/** The floor: as many threads as the server hashes on, each hashing one password after the other, and nothing else. */
import { availableParallelism } from "node:os";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { hashSync } from "@node-rs/argon2";

const OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const HASH_THREADS = Math.max(1, availableParallelism() - 1);

/** Hashes a second. */
export async function hashRate(seconds: number): Promise<number> {
  const counts = Array.from(
    { length: HASH_THREADS },
    () =>
      new Promise<number>((resolve, reject) => {
        new Worker(new URL(import.meta.url), { workerData: { seconds } }).once("message", resolve).once("error", reject);
      }),
  );
  return (await Promise.all(counts)).reduce((sum, rate) => sum + rate, 0);
}

if (parentPort !== null) {
  const { seconds } = workerData as { seconds: number };
  hashSync("warm up", OPTIONS);
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < seconds * 1000) {
    hashSync("correct horse battery staple", OPTIONS);
    count++;
  }
  parentPort.postMessage(count / ((performance.now() - started) / 1000));
}
