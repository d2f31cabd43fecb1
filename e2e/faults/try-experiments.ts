import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { experiments } from "./experiments/experiments.ts";
import { faultStores } from "./stores/fault-store.ts";
import type { FaultStore, StoreName } from "./stores/fault-store.ts";

const SEED = 1;

/** Every experiment at its short size. What they are and what they mean: docs/faults.md. */
export function tryExperiments(storeName: StoreName): void {
  describe(`nothing is lost on ${storeName}, whatever fails`, () => {
    let store: FaultStore;
    beforeAll(async () => {
      store = await faultStores[storeName]();
    });
    afterAll(() => store.close());

    it.each(Object.values(experiments))("$title", { timeout: 60_000 }, async (experiment) => {
      const database = await store.newDatabase();
      const { violations, operations } = await experiment.run({ database, seed: SEED }, experiment.short);
      expect(violations).toEqual([]);
      expect(operations).toBeGreaterThan(0);
    });
  });
}
