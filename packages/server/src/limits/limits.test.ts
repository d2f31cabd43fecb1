/** Wrong passwords for one account. The counts go by the wall clock, which stands still here. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { anywhere, guesses, login, mallory, MALLORY, withAda } from "../../test/guesses.ts";
import { PASSWORD, refusal, TestClient } from "../../test/test-server.ts";
import type { OstiaryError } from "../errors.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { DEFAULT_LIMITS } from "./budgets.ts";
import { createLimits } from "./create-limits.ts";

// Dozens of passwords a test are hashed, on the cores that others want, too.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe("five wrong passwords in a quarter of an hour", () => {
  it("then no more, with the time to wait, whatever the password", async () => {
    const { server } = await withAda();
    expect(await guesses(server, 7, mallory)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const answer = await login(new TestClient(server), PASSWORD, { from: MALLORY });
    expect(refusal(answer)).toEqual({ status: 429, error: "too_many_attempts" });
    expect(answer.headers.get("retry-after")).toBe("900");
    expect(answer.headers.get("ratelimit-policy")).toBe('"login-pair";q=5;w=900');
    expect(answer.headers.get("ratelimit")).toBe('"login-pair";r=0;t=900');
  });

  it("a hundred at once are no more than five", async () => {
    const { server } = await withAda();
    const all = await Promise.all(Array.from({ length: 100 }, () => guesses(server, 1, mallory)));
    const statuses = all.flat();
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(95);
  });

  it("other addresses do not help: the account is counted, too", async () => {
    const { server } = await withAda();
    expect(await guesses(server, 7, anywhere)).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  it("an address that one claims oneself does not help", async () => {
    const { server } = await withAda();
    const statuses = [];
    for (let i = 0; i < 7; i++) {
      const headers = { "x-forwarded-for": anywhere(i), forwarded: `for=${anywhere(i)}`, "x-real-ip": anywhere(i) };
      statuses.push(
        (await login(new TestClient(server), "wrong", { from: MALLORY, headers, email: `user${i}@example.com` })).status,
      );
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 401]);
    expect(await guesses(server, 43, mallory, "another@example.com")).toContain(429);
  });

  it("nor another spelling of the e-mail", async () => {
    const { server } = await withAda();
    const spellings = [
      "ada@example.com",
      "ADA@example.com",
      " ada@example.com",
      "Ada@Example.Com ",
      "aDa@example.com",
      "adA@example.com",
    ];
    const statuses = [];
    for (const email of spellings) statuses.push((await login(new TestClient(server), "wrong", { from: MALLORY, email })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it("the same for an account there is and one there is not", async () => {
    const { server } = await withAda();
    const answers = [];
    for (const email of ["ada@example.com", "nobody@example.com"]) {
      for (let i = 0; i < 6; i++) {
        answers.push(await login(new TestClient(server), "wrong", { from: `198.51.100.${email.length}`, email }));
      }
    }
    const seen = answers.map(({ status, headers, body }) => ({ status, headers: [...headers], body }));
    expect(seen.slice(0, 6)).toEqual(seen.slice(6));
  });

  it("are five anew after the time has passed, and then the wait is twice as long; after thirty a month", async () => {
    const store = await openSqlite(":memory:");
    onTestFinished(() => store.close());
    // Without a password to hash: forty take longer than a test may where others want the same cores.
    const limits = createLimits(store.limits, DEFAULT_LIMITS);
    const guess = async () =>
      (await limits.login({ emailIdentity: "ada@example.com", address: MALLORY, knownDevice: null })).failed();
    const minutes: number[] = [];
    for (let i = 0; i < 8; i++) {
      for (let tries = 0; tries < 5; tries++) await guess();
      const refused: unknown = await guess().catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: "too_many_attempts" });
      const { retryAfterSeconds = 0 } = refused as OstiaryError;
      minutes.push(retryAfterSeconds / 60);
      pass(retryAfterSeconds * 1000 + 1);
    }
    expect(minutes).toEqual([15, 30, 60, 120, 240, 30 * 24 * 60, 15, 30]);
  });

  it("a right password is counted nowhere, and ends the row", async () => {
    const { server } = await withAda();
    for (let i = 0; i < 20; i++) expect((await login(new TestClient(server), PASSWORD, { from: MALLORY })).status).toBe(200);
    for (let i = 0; i < 3; i++) {
      expect(await guesses(server, 4, mallory)).toEqual([401, 401, 401, 401]);
      expect((await login(new TestClient(server), PASSWORD, { from: MALLORY })).status).toBe(200);
    }
  });

  it("right ones that come all at once are not taken for guesses", async () => {
    const { server, browser } = await withAda({ limits: { addressTries: 10 } });
    const strangers = await Promise.all(
      Array.from({ length: 12 }, () => login(new TestClient(server), PASSWORD, { from: MALLORY })),
    );
    expect(new Set(strangers.map(({ status }) => status))).toEqual(new Set([200]));
    const tabs = await Promise.all(Array.from({ length: 7 }, () => login(browser.copy(), PASSWORD)));
    expect(new Set(tabs.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it("can be set, and switched off", async () => {
    const { server } = await withAda({ limits: { loginTries: 2, loginWindow: "1h" } });
    expect(await guesses(server, 3, mallory)).toEqual([401, 401, 429]);
    expect((await login(new TestClient(server), PASSWORD, { from: MALLORY })).headers.get("retry-after")).toBe("3600");
    const { server: without } = await withAda({ limits: "off" });
    expect(await guesses(without, 7, mallory)).not.toContain(429);
  });
});

describe("a try is charged once it was wrong, and not before", () => {
  const open = async () => {
    const store = await openSqlite(":memory:");
    onTestFinished(() => store.close());
    const replica = () => {
      const limits = createLimits(store.limits, DEFAULT_LIMITS);
      return () => limits.login({ emailIdentity: "ada@example.com", address: MALLORY, knownDevice: null });
    };
    return { replica, begin: replica() };
  };

  it("so that a replica that is killed amid right ones leaves nothing charged for longer than a minute", async () => {
    const { replica, begin } = await open();
    for (let i = 0; i < 5; i++) await replica()(); // And that was the last of it.
    pass(MINUTE + 1);
    for (let i = 0; i < 4; i++) expect(await (await begin()).failed()).toEqual([]);
    expect(await (await begin()).failed()).toContainEqual({ budget: "login-pair", seconds: 900 });
  });

  it("and yet several replicas together make no more than five at once, right or wrong", async () => {
    const { replica } = await open();
    const replicas = [replica(), replica(), replica()];
    let underWay = 0;
    let most = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const attempt = await (replicas[i % 3] as () => ReturnType<(typeof replicas)[0]>)().catch(() => null);
        if (attempt === null) return "refused";
        most = Math.max(most, ++underWay);
        await new Promise(setImmediate);
        underWay--;
        await attempt.failed();
        return "failed";
      }),
    );
    expect(most).toBeLessThanOrEqual(5);
    expect(outcomes.filter((outcome) => outcome === "failed")).toHaveLength(5);
  });

  it("and one that ends after its room was forgotten leaves no more room than there was", async () => {
    const { replica, begin } = await open();
    const late = await Promise.all(Array.from({ length: 5 }, () => replica()()));
    pass(MINUTE + 1);
    for (const attempt of late) await attempt.withdrawn();
    const five = await Promise.all(Array.from({ length: 5 }, () => begin()));
    const sixth = replica()();
    for (const attempt of five) await attempt.failed();
    await expect(sixth).rejects.toMatchObject({ code: "too_many_attempts" });
  });
});

describe("unlock", () => {
  it("forgets what was tried from anywhere, also from the owner's address and browser; others stay as they are", async () => {
    const { server, browser } = await withAda();
    const { id = "" } = (await server.users.findByEmail("ada@example.com")) ?? {};
    for (let i = 0; i < 5; i++) await login(browser, `mistyped ${i}`);
    await guesses(server, 5, mallory);
    await guesses(server, 6, mallory, "eve@example.com");
    const atOnce = async () => [
      (await login(browser, PASSWORD)).status,
      (await login(new TestClient(server), PASSWORD, { from: MALLORY })).status,
      (await login(new TestClient(server), PASSWORD, { from: "192.0.2.1" })).status,
    ];
    expect(await atOnce()).toEqual([429, 429, 429]);
    expect(await server.users.unlock(id)).toMatchObject({ id });
    expect(await atOnce()).toEqual([200, 200, 200]);
    expect((await guesses(server, 1, mallory, "eve@example.com"))[0]).toBe(429);
    expect((await server.audit.list({ userId: id })).map(({ type }) => type)).toContain("user_unlocked");
    expect(await server.users.unlock("nobody")).toBeNull();
  });
});
