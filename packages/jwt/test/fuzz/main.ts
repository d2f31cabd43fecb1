/**
 * `npm run fuzz [-- mutations [seed]]`: ten million mutated tokens, by default, against what must hold and against jose,
 * on all processors. Prints how often, and why, jose accepts what we refuse. What fails is printed with its seed.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

import type { Chunk, Done } from "./worker.ts";

const CHUNK = 10_000;
const [count = 10_000_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
const chunks = Math.ceil(count / CHUNK);
const differences = new Map<string, number>();
let given = 0;
let held = 0;
const started = performance.now();
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`${count.toLocaleString("en")} mutated tokens, from seed ${seed}`);
await Promise.all(Array.from({ length: Math.min(chunks, availableParallelism()) }, work));
const seconds = Math.round((performance.now() - started) / 1000);
say(`\n${held.toLocaleString("en")} held, in ${seconds} s. jose accepts and we refuse:`);
for (const [because, times] of [...differences].toSorted(([, a], [, b]) => b - a)) {
  say(`${times.toLocaleString("en").padStart(12)}  ${because}`);
}

/** One worker and the chunks it takes; each chunk's seed is its number after the first. Ends the process on a failure. */
async function work(): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url));
  await new Promise<void>((resolve) => {
    const next = () => {
      if (given === chunks) {
        resolve();
        return;
      }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is no window
      worker.postMessage({ runs: Math.min(CHUNK, count - given * CHUNK), seed: seed + given } satisfies Chunk);
      given++;
    };
    worker.on("message", (done: Done) => {
      for (const [because, times] of done.differences) differences.set(because, (differences.get(because) ?? 0) + times);
      held += done.runs;
      if (process.stdout.isTTY) process.stdout.write(`\r${held.toLocaleString("en")}`);
      else if (held % 1_000_000 === 0) say(held.toLocaleString("en"));
      next();
    });
    worker.on("error", (error: Error) => {
      process.stderr.write(`${error.message}\n${error.cause instanceof Error ? error.cause.message : ""}\n`);
      process.exit(1);
    });
    next();
  });
  await worker.terminate();
}
