/** A thread of `npm run fuzz`: checks the chunks it is sent. A token for which something does not hold ends it. */
import { parentPort } from "node:worker_threads";

import fc from "fast-check";

import { checkToken, FUZZED } from "./check-token.ts";
import { mutations } from "./mutations.ts";

export interface Chunk {
  readonly runs: number;
  readonly seed: number;
}

export interface Done {
  readonly runs: number;
  /** How often jose accepted what we refused, for each reason. */
  readonly differences: ReadonlyMap<string, number>;
}

// Nearly every token ends in an error, and nobody looks where it came from.
Error.stackTraceLimit = 0;

// What a signature costs differs by a factor of thirty, and what can go wrong with a token hardly depends on it.
const algorithm = fc.oneof(...FUZZED.map((name) => ({ weight: name === "HS256" ? 30 : 1, arbitrary: fc.constant(name) })));
const draw = fc.record({ algorithm, mutations });

async function check({ runs, seed }: Chunk): Promise<Done> {
  const differences = new Map<string, number>();
  let ran = 0;
  const property = fc.asyncProperty(draw, async (one) => {
    const because = await checkToken(one);
    if (because !== undefined) differences.set(because, (differences.get(because) ?? 0) + 1);
    ran++;
  });
  await fc.assert(property, { numRuns: runs, seed });
  return { runs: ran, differences };
}

// A rejection is not caught: it ends this thread, and reaches the main one as its error.
parentPort?.on("message", (chunk: Chunk) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is no window
  void check(chunk).then((done) => parentPort?.postMessage(done));
});
