import { expect, test } from "vitest";
import { createDpopNonces } from "./dpop-nonce.ts";

const secret = Buffer.alloc(32, 1);

test("a nonce is good for two steps after its own, in every process with the secret, and never again", () => {
  let now = 1_800_000_000_000;
  const [one, two] = [createDpopNonces({ secret, clock: () => now }), createDpopNonces({ secret, clock: () => now })];
  const nonce = one.current();
  expect(one.current()).toBe(nonce);
  const good: boolean[] = [];
  for (let step = 0; step < 5; step++, now += 60_000) good.push(two.isGood(nonce));
  expect(good).toEqual([true, true, true, false, false]);
  expect(two.current()).not.toBe(nonce);
  // A process whose clock is late by a second or two takes what another has just begun to give.
  now = 1_800_000_000_000 - 2_000;
  expect(two.isGood(nonce)).toBe(true);
  now -= 60_000;
  expect(two.isGood(nonce)).toBe(false);
});

test("a nonce of another secret, or of nobody, is not good", () => {
  const nonces = createDpopNonces({ secret, clock: () => 0 });
  const others = createDpopNonces({ secret: Buffer.alloc(32, 2), clock: () => 0 });
  for (const nonce of [others.current(), "", nonces.current().slice(1), `${nonces.current()}=`, "é".repeat(43)]) {
    expect(nonces.isGood(nonce)).toBe(false);
  }
  expect(nonces.current()).toMatch(/^[\w-]{43}$/);
});

test("a secret that could be guessed is refused", () => {
  for (const bad of [Buffer.alloc(31), "x".repeat(64), undefined]) {
    expect(() => createDpopNonces({ secret: bad as Uint8Array, clock: Date.now })).toThrow(TypeError);
  }
});
