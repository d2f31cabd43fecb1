import { describe, expect, onTestFinished, test } from "vitest";
import { RateLimiterRes } from "rate-limiter-flexible";
import type { Counter } from "../../limits/limit-store.ts";
import { systemRandom } from "../../random.ts";
import { openStore } from "../open-store.ts";
import type { Subject } from "./subject.ts";

const FIVE = { name: "five", tries: 5, windowSeconds: 900 };

export function limitConformance(subject: Subject): void {
  /** Another replica, or the same one after a restart. */
  async function replica(): Promise<Counter> {
    const store = await openStore(subject.place);
    onTestFinished(() => store.close());
    return store.limits.counter(FIVE);
  }
  const isTaken = (counter: Counter, key: string): Promise<boolean> =>
    counter.consume(key).then(
      () => true,
      (refusal: unknown) => {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return false;
      },
    );

  describe("limits", () => {
    test("are exact when many come at once, and to several replicas", async () => {
      const key = systemRandom.uuid();
      const counters = [subject.store.limits.counter(FIVE), await replica(), await replica()];
      const tries = Array.from({ length: 60 }, (_, i) => isTaken(counters[i % 3] as Counter, key));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(5);
      expect(await isTaken(await replica(), key)).toBe(false);
      expect(await isTaken(counters[0] as Counter, systemRandom.uuid())).toBe(true);
    });

    test("tries are given back, closed for a time, and forgotten", async () => {
      const key = systemRandom.uuid();
      const counter = subject.store.limits.counter(FIVE);
      for (let i = 0; i < 5; i++) await counter.consume(key);
      await counter.reward(key);
      expect([await isTaken(counter, key), await isTaken(counter, key)]).toEqual([true, false]);

      await counter.set(key, 1_000_000_000, 3600);
      for (let i = 0; i < 3; i++) await counter.reward(key);
      const refusal: unknown = await counter.consume(key).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(RateLimiterRes);
      expect((refusal as RateLimiterRes).msBeforeNext / 1000).toBeCloseTo(3600, -1);

      expect(await counter.get(key)).toMatchObject({ consumedPoints: 999_999_998 });
      expect(await counter.delete(key)).toBe(true);
      expect(await counter.get(key)).toBeNull();
      expect(await counter.reward(key)).toMatchObject({ consumedPoints: -1 });
      expect(await counter.penalty(key)).toMatchObject({ consumedPoints: 0 });
      expect(await counter.consume(key)).toMatchObject({ consumedPoints: 1, remainingPoints: 4 });
      expect(await counter.penalty(key)).toMatchObject({ consumedPoints: 2 });
    });
  });
}
