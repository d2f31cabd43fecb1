/** A short run of `npm run fuzz`. */
import fc from "fast-check";
import { describe, it } from "vitest";

import { checkToken, FUZZED } from "./fuzz/check-token.ts";
import { mutations } from "./fuzz/mutations.ts";

describe("a mutated token is refused in our own words, unless its owner has signed just that text; as jose does, but for a list of reasons", () => {
  it.each(FUZZED)("%s", async (algorithm) => {
    const property = fc.asyncProperty(mutations, async (some) => void (await checkToken({ algorithm, mutations: some })));
    await fc.assert(property, fc.readConfigureGlobal().numRuns === undefined ? { numRuns: 1500 } : {});
  });
});
