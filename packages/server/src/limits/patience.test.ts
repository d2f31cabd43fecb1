/** Guessing slowly, for months, and guesses that are given up: what five in a quarter of an hour do not hold. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { counted } from "../users/authenticate.ts";
import type { Attempt } from "./attempt.ts";
import { DEFAULT_LIMITS } from "./budgets.ts";
import { createLimits } from "./create-limits.ts";
import type { Limits } from "./limits.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MALLORY = "198.51.100.66";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

async function openLimits(): Promise<Limits> {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  return createLimits(store.limits, DEFAULT_LIMITS);
}

describe("a stranger on one address who is patient cannot lock the owner out", () => {
  it("four wrong ones from one address each quarter of an hour for forty days shut nobody else out", { timeout: 120_000 }, async () => {
    const limits = await openLimits();
    const from = (address: string) => limits.login({ emailIdentity: "ada@example.com", address, knownDevice: null });
    const guess = () => from(MALLORY).then((attempt) => attempt.failed()).then(() => true, () => false);
    /** Whether Ada, on a browser that is new, would be refused. */
    const isShut = () => from("192.0.2.1").then((attempt) => attempt.withdrawn()).then(() => false, () => true);
    let guessed = 0;
    let shut = 0;
    let looks = 0;
    for (let quarter = 0; quarter < 40 * 24 * 4; quarter++) {
      for (let i = 0; i < 4; i++) if (await guess()) guessed++;
      // Each hour, and never in step with him.
      if (quarter % 4 === 3 && ++looks && (await isShut())) shut++;
      pass(15 * MINUTE + 1);
    }
    // Thirty in thirty days, and in ten more those of the next thirty.
    expect(guessed).toBeGreaterThanOrEqual(31);
    expect(guessed).toBeLessThanOrEqual(60);
    expect(shut / looks).toBeLessThan(0.01);
  });
});

describe("a hundred wrong ones in a row are the end for a day, also for whoever is let in a little", () => {
  /** Four each quarter of an hour, which closes nothing else. */
  const untilRefused = async (begin: () => Promise<Attempt>): Promise<{ tried: number; refusal: unknown }> => {
    for (let tried = 0; ; tried++) {
      try {
        await (await begin()).failed();
      } catch (refusal) {
        return { tried, refusal };
      }
      if (tried % 4 === 2) pass(15 * MINUTE + 1);
    }
  };
  const closed = (name: string) => ({
    tried: 100,
    refusal: { code: "too_many_attempts", retryAfterSeconds: DAY / 1000, limit: { name, tries: 100 } },
  });

  it("a known browser, and a right one begins a new hundred", async () => {
    const limits = await openLimits();
    const begin = () => limits.login({ emailIdentity: "ada@example.com", address: MALLORY, knownDevice: "shared" });
    for (let i = 0; i < 60; i++) {
      await (await begin()).failed();
      if (i % 4 === 3) pass(15 * MINUTE + 1);
    }
    await (await begin()).succeeded();
    expect(await untilRefused(begin)).toMatchObject(closed("login-device-failures"));
    const another = await limits.login({ emailIdentity: "ada@example.com", address: MALLORY, knownDevice: "another" });
    await another.withdrawn();
    await limits.forgive({ userId: "ada", emailIdentity: "ada@example.com", addresses: [], devices: ["shared"] });
    await (await begin()).withdrawn();
  });

  it("the current password, whatever the session, and a right one begins a new hundred", async () => {
    const limits = await openLimits();
    let session = 0;
    const begin = () => limits.passwordChange({ userId: "ada", sessionId: `session ${session++}` });
    for (let i = 0; i < 60; i++) await (await begin()).failed();
    await (await begin()).succeeded();
    expect(await untilRefused(begin)).toMatchObject(closed("password-failures"));
    await (await limits.passwordChange({ userId: "bob", sessionId: "s" })).withdrawn();
    await limits.forgive({ userId: "ada", emailIdentity: "ada@example.com", addresses: [], devices: [] });
    await (await begin()).withdrawn();
  });
});

describe("who hangs up before the verdict", () => {
  const from = (limits: Limits, address: string, signal?: AbortSignal) =>
    limits.login({ emailIdentity: "ada@example.com", address, knownDevice: null }, signal);

  it("is counted for his address, which has fifty, and not for the account", async () => {
    const limits = await openLimits();
    for (let i = 0; i < 50; i++) await (await from(limits, MALLORY)).abandoned();
    await expect(from(limits, MALLORY)).rejects.toMatchObject({ limit: { name: "login-address" } });
    for (let i = 0; i < 4; i++) await (await from(limits, "192.0.2.1")).failed();
    expect(await (await from(limits, "192.0.2.1")).failed()).toContainEqual({ budget: "login-pair", seconds: 900 });
  });

  it("is counted when it was the request that ended, and not when it was the hashing", async () => {
    const limits = await openLimits();
    const hangUp = AbortSignal.abort();
    const fails = () => Promise.reject(new Error("no verdict"));
    for (let i = 0; i < 49; i++) await counted(await from(limits, MALLORY), fails(), hangUp).catch(() => {});
    for (let i = 0; i < 9; i++) await counted(await from(limits, MALLORY), fails(), new AbortController().signal).catch(() => {});
    await (await from(limits, MALLORY)).abandoned();
    await expect(from(limits, MALLORY)).rejects.toMatchObject({ limit: { name: "login-address" } });
  });

  it("leaves the line at once", async () => {
    const limits = await openLimits();
    const five = await Promise.all(Array.from({ length: 5 }, () => from(limits, MALLORY)));
    const request = new AbortController();
    const waiting = from(limits, MALLORY, request.signal);
    request.abort();
    await expect(waiting).rejects.toMatchObject({ code: "invalid_request" });
    for (const attempt of five) await attempt.succeeded();
    await (await from(limits, MALLORY)).withdrawn();
  });
});
