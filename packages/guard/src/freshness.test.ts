import fc from "fast-check";
import { expect, test } from "vitest";
import { createAnchor, createFreshness } from "./freshness.ts";

test("nothing is known before the first proof", () => {
  const freshness = createFreshness(() => 1e9, 5);
  expect([freshness.isFresh(), freshness.staleness(), freshness.staleAt()]).toEqual([false, null, -Infinity]);
});

test("knowledge is fresh for as long as it may be old, to the millisecond", () => {
  const time = { now: 1000 };
  const freshness = createFreshness(() => time.now, 5);
  freshness.prove(1000);
  time.now = 5999;
  expect([freshness.isFresh(), freshness.staleness()]).toEqual([true, 4.999]);
  time.now = 6000;
  expect([freshness.isFresh(), freshness.staleness()]).toEqual([false, 5]);
});

test("an older proof takes nothing away", () => {
  const freshness = createFreshness(() => 2000, 5);
  freshness.prove(1500);
  freshness.prove(1000);
  expect(freshness.staleness()).toBe(0.5);
});

test("a frame that was under way for ten seconds proves what was ten seconds ago", () => {
  const anchor = createAnchor(1000);
  expect(anchor(500, 1020)).toBe(1000);
  expect(anchor(501, 2020)).toBe(2000);
  expect(anchor(502, 13_000)).toBe(3000);
});

test("a first frame that was delayed makes nothing younger", () => {
  const anchor = createAnchor(1000);
  expect(anchor(500, 11_000)).toBe(1000);
  expect(anchor(501, 12_000)).toBe(2000);
});

test("a server's clock that is set back, or ahead of what can have arrived, proves nothing", () => {
  const back = createAnchor(1000);
  back(500, 1010);
  expect(back(499.9, 2010)).toBeUndefined();
  const ahead = createAnchor(1000);
  ahead(500, 1010);
  expect(ahead(503, 2010)).toBeUndefined();
  expect(ahead(501, 2010)).toBe(2000);
});

test("no proof is younger than the state it speaks of, whatever the clocks show and however long anything takes", () => {
  const delay = fc.integer({ min: 0, max: 20_000 });
  const frames = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 3000 }), delay }), { minLength: 1 });
  fc.assert(
    fc.property(frames, delay, fc.integer({ min: -120_000, max: 120_000 }), fc.boolean(), (sent, request, skew, whole) => {
      const anchor = createAnchor(0);
      let now = request;
      let received = 0;
      for (const frame of sent) {
        now += frame.gap;
        received = Math.max(received, now + frame.delay);
        const serverSeconds = (1_800_000_000_000 + now + skew) / 1000;
        const asOf = anchor(whole ? Math.floor(serverSeconds) : serverSeconds, received);
        // Whole seconds are up to one short, and so may the first have been that the others are counted from.
        const error = whole ? 1000 : 0.001;
        if (asOf !== undefined) {
          expect(asOf).toBeLessThanOrEqual(now + error);
          expect(asOf).toBeGreaterThanOrEqual(now - request - sent[0]!.gap - error);
        } else expect(whole).toBe(true);
      }
    }),
  );
});
