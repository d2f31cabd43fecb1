/** The floor: as many threads as the server hashes on, each hashing one password after the other, and nothing else. */
import { availableParallelism } from "node:os";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { hashSync } from "@node-rs/argon2";

const OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const HASH_THREADS = Math.max(1, availableParallelism() - 1);

interface HashRate {
  readonly perSecond: number;
  /** CPU time of one, in milliseconds. */
  readonly cpuMs: number;
}

/** Hashes a second, of all threads together. */
export async function hashRate(seconds: number): Promise<HashRate> {
  const counts = Array.from(
    { length: HASH_THREADS },
    () =>
      new Promise<HashRate>((resolve, reject) => {
        new Worker(new URL(import.meta.url), { workerData: { seconds } }).once("message", resolve).once("error", reject);
      }),
  );
  const rates = await Promise.all(counts);
  const sumOf = (of: (rate: HashRate) => number): number => rates.reduce((sum, rate) => sum + of(rate), 0);
  return { perSecond: sumOf(({ perSecond }) => perSecond), cpuMs: sumOf(({ cpuMs }) => cpuMs) / rates.length };
}

if (parentPort !== null) {
  const { seconds } = workerData as { seconds: number };
  hashSync("warm up", OPTIONS);
  const started = performance.now();
  const before = process.threadCpuUsage();
  let count = 0;
  while (performance.now() - started < seconds * 1000) {
    hashSync("correct horse battery staple", OPTIONS);
    count++;
  }
  const { user, system } = process.threadCpuUsage(before);
  const rate: HashRate = { perSecond: count / ((performance.now() - started) / 1000), cpuMs: (user + system) / 1000 / count };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is no window
  parentPort.postMessage(rate);
}
