import { expect, it } from "vitest";
import { rotateUnderLoad } from "./key-rotation/rotate-under-load.ts";

it("a key every few seconds, under load: nothing honest is refused, and nothing accepted of a key that has gone", async () => {
  const { keys, accepted, refreshes, forgedAccepted, forgedRefused, ...never } = await rotateUnderLoad({
    seconds: 10,
    rotationSeconds: 3,
    verificationsPerSecond: 600,
  });
  expect(never).toEqual({ refusals: [], refreshFailures: [], forgedAcceptedLate: 0 });
  // And it did happen.
  expect(keys).toBeGreaterThanOrEqual(3);
  expect(refreshes).toBeGreaterThan(20);
  expect(accepted).toBeGreaterThan(500);
  expect(forgedAccepted).toBeGreaterThan(0);
  expect(forgedRefused).toBeGreaterThan(0);
}, 60_000);
