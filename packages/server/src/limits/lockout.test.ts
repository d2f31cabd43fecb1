/** What strangers can do to an owner, and to many. The counts go by the wall clock, which stands still here. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { anywhere, guesses, login, mallory, MALLORY, withAda } from "../../test/guesses.ts";
import { PASSWORD, TestClient } from "../../test/test-server.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { DEFAULT_LIMITS } from "./budgets.ts";
import { createLimits } from "./create-limits.ts";

// Dozens of passwords a test are hashed, on the cores that others want, too.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe("a stranger cannot lock the owner out for good", () => {
  it("the browser that has been signed in has tries of its own", async () => {
    const { server, browser } = await withAda();
    await guesses(server, 20, anywhere);
    expect((await login(browser, "mistyped")).status).toBe(401);
    expect((await login(browser, PASSWORD)).status).toBe(200);
  });

  it("nobody else's browser has them, and a cookie one made up has none", async () => {
    const { server } = await withAda();
    const eve = new TestClient(server);
    await eve.signup("eve@example.com");
    await guesses(server, 5, anywhere);
    expect((await login(eve, PASSWORD, { from: "192.0.2.1" })).status).toBe(429);
    const forger = new TestClient(server);
    forger.jar.set("ostiary_device", "A".repeat(43));
    expect((await login(forger, PASSWORD, { from: "192.0.2.2" })).status).toBe(429);
  });

  it("a stolen browser name is good for five tries itself", async () => {
    const { server, browser } = await withAda();
    const thief = browser.copy();
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await login(thief, `wrong ${i}`, { from: anywhere(i) })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await login(new TestClient(server), PASSWORD, { from: "192.0.2.1" })).status).toBe(200);
  });

  it("from one address he shuts others out for an hour of a day at the most", async () => {
    const store = await openSqlite(":memory:");
    onTestFinished(() => store.close());
    const limits = createLimits(store.limits, DEFAULT_LIMITS);
    const from = (address: string) => limits.login({ emailIdentity: "ada@example.com", address, knownDevice: null });
    const guess = async (): Promise<void> => void (await (await from(MALLORY)).failed());
    /** Whether Ada, on a browser that is new, would be refused. */
    const isShut = (): Promise<boolean> => from("192.0.2.1").then((attempt) => attempt.withdrawn()).then(() => false, () => true);

    // As hard as he can for days.
    const shutMinutes: number[] = [];
    for (let day = 0; day < 4; day++) {
      let minutes = 0;
      for (let minute = 0; minute < 24 * 60; minute += 10) {
        for (let i = 0; i < 6; i++) await guess().catch(() => {});
        if (await isShut()) minutes += 10;
        pass(10 * MINUTE);
      }
      shutMinutes.push(minutes);
    }
    expect(shutMinutes[0]).toBeGreaterThan(0);
    // Once on the first day he has closed it several times: his own waits were still short.
    expect(Math.max(...shutMinutes.slice(1))).toBeLessThanOrEqual(70);
  });

  it("where no address is known he shuts others out for an hour at a time, not for a month", async () => {
    const store = await openSqlite(":memory:");
    onTestFinished(() => store.close());
    const limits = createLimits(store.limits, DEFAULT_LIMITS);
    const begin = () => limits.login({ emailIdentity: "ada@example.com", address: null, knownDevice: null });
    for (let hour = 0; hour < 8; hour++) {
      for (let i = 0; i < 5; i++) await begin().then((attempt) => attempt.failed(), () => {});
      await expect(begin()).rejects.toMatchObject({ limit: { name: "login-account" } });
      pass(HOUR + MINUTE);
      await (await begin()).withdrawn();
    }
  });

  it("a hundred wrong ones in a row end it for a day, for browsers that are not known, until the owner comes", async () => {
    const { server, browser } = await withAda({ limits: { loginTries: 1000 } });
    const statuses = await guesses(server, 102, anywhere);
    expect(statuses.indexOf(429)).toBe(100);
    const waiting = await login(new TestClient(server), PASSWORD, { from: "192.0.2.1" });
    expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([429, String(DAY / 1000)]);
    expect((await login(browser, PASSWORD)).status).toBe(200);
    expect((await login(new TestClient(server), PASSWORD, { from: "192.0.2.1" })).status).toBe(200);
  });
});

describe("one address, many accounts", () => {
  it("fifty wrong passwords, then no more, right ones neither: a right one in between does not start anew", async () => {
    const { server } = await withAda();
    const eve = new TestClient(server);
    await eve.signup("eve@example.com");
    let tried = 0;
    for (; tried < 80; tried++) {
      const [status] = await guesses(server, 1, mallory, `victim${tried}@example.com`);
      if (status === 429) break;
      if (tried % 5 === 0) await login(new TestClient(server), PASSWORD, { from: MALLORY, email: "eve@example.com" });
    }
    expect(tried).toBe(50);
    expect((await login(new TestClient(server), PASSWORD, { from: MALLORY })).status).toBe(429);
    expect((await login(new TestClient(server), PASSWORD, { from: "192.0.2.1" })).status).toBe(200);
  });

  it("all addresses of an IPv6 /64 are one", async () => {
    const { server } = await withAda();
    const inNetwork = (i: number): string => `2001:db8:0:1:${i.toString(16)}::${i.toString(16)}`;
    let tried = 0;
    while (tried < 80 && (await guesses(server, 1, () => inNetwork(tried), `v${tried}@example.com`))[0] !== 429) tried++;
    expect(tried).toBe(50);
    expect((await guesses(server, 1, () => "2001:db8:0:2::1", "w@example.com"))[0]).toBe(401);
  });

  it("is told to the audit, once, and so is each limit that is reached", async () => {
    const { server } = await withAda();
    for (let i = 0; i < 12; i++) await guesses(server, 1, mallory, `victim${i}@example.com`);
    await guesses(server, 8, anywhere);
    const events = (await server.audit.list({ limit: 1000 })).filter(
      ({ type }) => type === "suspicious" || type === "limit_reached",
    );
    expect(events.map(({ type, ip, detail }) => ({ type, ip, detail })).toReversed()).toEqual([
      { type: "suspicious", ip: MALLORY, detail: { pattern: "many_accounts_from_one_address", accounts: 10 } },
      {
        type: "limit_reached",
        ip: anywhere(4),
        detail: { email: "ada@example.com", why: "wrong_password", budget: "login-account", seconds: 900 },
      },
    ]);
  });
});
