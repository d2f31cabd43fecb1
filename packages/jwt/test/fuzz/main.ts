/**
 * `npm run fuzz [-- mutations [seed]]`: ten million mutated tokens, by default, against what must hold and against jose.
 * Prints how often, and why, jose accepts what we refuse. What fails is printed with its seed.
 */
import fc from "fast-check";

import { checkToken, FUZZED } from "./check-token.ts";
import { mutations } from "./mutations.ts";

const CHUNK = 20_000;
const [count = 10_000_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
const differences = new Map<string, number>();
// What a signature costs differs by a factor of thirty, and what can go wrong with a token hardly depends on it.
const algorithm = fc.oneof(...FUZZED.map((name) => ({ weight: name === "HS256" ? 30 : 1, arbitrary: fc.constant(name) })));
const draw = fc.record({ algorithm, mutations });
const started = performance.now();
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`${count.toLocaleString("en")} mutated tokens, from seed ${seed}`);
for (let done = 0; done < count; done += CHUNK) {
  const property = fc.asyncProperty(draw, async (one) => {
    const because = await checkToken(one);
    if (because !== undefined) differences.set(because, (differences.get(because) ?? 0) + 1);
  });
  await fc.assert(property, { numRuns: Math.min(CHUNK, count - done), seed: seed + done / CHUNK });
  if (process.stdout.isTTY) process.stdout.write(`\r${(done + CHUNK).toLocaleString("en")}`);
}
const seconds = Math.round((performance.now() - started) / 1000);
say(`\nAll held, in ${seconds} s. jose accepts and we refuse:`);
for (const [because, times] of [...differences].toSorted(([, a], [, b]) => b - a)) {
  say(`${times.toLocaleString("en").padStart(12)}  ${because}`);
}
