import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { experiments } from "./experiments/experiments.ts";
import { faultStores } from "./stores/fault-store.ts";
import type { FaultStore, StoreName } from "./stores/fault-store.ts";

const SEED = 1;

/** Experiments at their short size. What they are and what they mean: docs/faults.md. */
export function tryExperiments(storeName: StoreName, names: readonly string[]): void {
  describe(`nothing is lost on ${storeName}, whatever fails`, () => {
    let store: FaultStore;
    beforeAll(async () => {
      store = await faultStores[storeName]!();
    });
    afterAll(() => store.close());

    it.each(names.map((name) => experiments[name]!))("$title", { timeout: 90_000 }, async ({ run, short }) => {
      const found = await run(store, SEED, short);
      expect(found?.violations).toEqual([]);
      expect(found?.operations).toBeGreaterThan(0);
    });
  });
}
