/** Guessing passwords, as strangers do it over HTTP. The counts go by the wall clock, which stands still here. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { basic, PASSWORD, refusal, startTestServer, TestClient } from "../../test/test-server.ts";
import type { CallOptions, TestServer } from "../../test/test-server.ts";
import type { OstiaryError } from "../errors.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { DEFAULT_LIMITS } from "./budgets.ts";
import { createLimits } from "./limits.ts";

// Dozens of passwords a test are hashed, on the cores that others want, too.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

async function withAda(config: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer(config);
  const browser = new TestClient(server);
  await browser.signup();
  return { server, browser };
}

function login(client: TestClient, password: string, options: CallOptions & { email?: string } = {}) {
  return client.call("POST", "/login", { ...options, body: { email: options.email ?? "ada@example.com", password } });
}

/** One after the other, each from a browser without cookies. */
async function guesses(server: TestServer, count: number, from: (i: number) => string, email?: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) {
    const options = email === undefined ? { from: from(i) } : { from: from(i), email };
    statuses.push((await login(new TestClient(server), `wrong ${i}`, options)).status);
  }
  return statuses;
}

const MALLORY = "198.51.100.66";
const mallory = (): string => MALLORY;
const anywhere = (i: number): string => `198.51.${Math.floor(i / 250)}.${i % 250}`;

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
      statuses.push((await login(new TestClient(server), "wrong", { from: MALLORY, headers, email: `user${i}@example.com` })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 401]);
    expect(await guesses(server, 43, mallory, "another@example.com")).toContain(429);
  });

  it("nor another spelling of the e-mail", async () => {
    const { server } = await withAda();
    const spellings = ["ada@example.com", "ADA@example.com", " ada@example.com", "Ada@Example.Com ", "aDa@example.com", "adA@example.com"];
    const statuses = [];
    for (const email of spellings) statuses.push((await login(new TestClient(server), "wrong", { from: MALLORY, email })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it("the same for an account there is and one there is not", async () => {
    const { server } = await withAda();
    const answers = [];
    for (const email of ["ada@example.com", "nobody@example.com"]) {
      for (let i = 0; i < 6; i++) answers.push(await login(new TestClient(server), "wrong", { from: `198.51.100.${email.length}`, email }));
    }
    const seen = answers.map(({ status, headers, body }) => ({ status, headers: [...headers], body }));
    expect(seen.slice(0, 6)).toEqual(seen.slice(6));
  });

  it("are five anew after the time has passed, and then the wait is twice as long; after thirty a month", async () => {
    const store = await openSqlite(":memory:");
    onTestFinished(() => store.close());
    // Without a password to hash: forty take longer than a test may where others want the same cores.
    const limits = createLimits(store.limits, DEFAULT_LIMITS);
    const guess = async () => (await limits.login({ emailIdentity: "ada@example.com", address: MALLORY, knownDevice: null })).failed();
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
    const strangers = await Promise.all(Array.from({ length: 12 }, () => login(new TestClient(server), PASSWORD, { from: MALLORY })));
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
    const events = (await server.audit.list({ limit: 1000 })).filter(({ type }) => type === "suspicious" || type === "limit_reached");
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

describe("elsewhere", () => {
  it("new accounts from one address: so many an hour", async () => {
    const { server } = await withAda({ limits: { signupTries: 3 } });
    const statuses = [];
    for (let i = 0; i < 5; i++) {
      const body = { email: `new${i}@example.com`, password: PASSWORD };
      statuses.push((await new TestClient(server).call("POST", "/signup", { body, from: MALLORY })).status);
    }
    expect(statuses).toEqual([201, 201, 201, 429, 429]);
    pass(HOUR + 1);
    const body = { email: "later@example.com", password: PASSWORD };
    expect((await new TestClient(server).call("POST", "/signup", { body, from: MALLORY })).status).toBe(201);
  });

  it("refresh tokens that were never ours: a hundred, and good ones are not held up", async () => {
    const { server, browser } = await withAda();
    const statuses = [];
    for (let i = 0; i < 102; i++) {
      statuses.push((await new TestClient(server).call("POST", "/refresh", { body: { refreshToken: `x${i}` } })).status);
    }
    expect(statuses.indexOf(429)).toBe(100);
    expect((await browser.refresh()).status).toBe(200);
  });

  it.each(["/oauth/introspect", "/oauth/revoke", "/revocations"])(
    "wrong credentials of programs at %s: a hundred, written down no oftener; right ones are not held up",
    async (path) => {
      const { server } = await withAda();
      const guard = await server.clients.create({ name: "API", guard: true });
      const ask = async (clientId: string, clientSecret: string, from = MALLORY): Promise<number> => {
        const headers = { authorization: basic({ clientId, clientSecret }), "content-type": "application/x-www-form-urlencoded" };
        const isFeed = path === "/revocations";
        const options = { headers, from, ...(isFeed ? {} : { body: "token=x" }) };
        return (await new TestClient(server).call(isFeed ? "HEAD" : "POST", path, options)).status;
      };
      const statuses = [];
      for (let i = 0; i < 110; i++) statuses.push(await ask(`nobody-${i}`, "wrong"));
      expect([statuses.indexOf(429), statuses.lastIndexOf(401)]).toEqual([100, 99]);
      expect(await ask(guard.clientId, guard.clientSecret)).toBe(200);
      const ofClient = [];
      for (let i = 0; i < 110; i++) ofClient.push(await ask(guard.clientId, "wrong", anywhere(i)));
      expect([ofClient.indexOf(429), ofClient.lastIndexOf(401)]).toEqual([100, 99]);
      expect(await ask(guard.clientId, guard.clientSecret, anywhere(3))).toBe(200);
      const types = (await server.audit.list({ limit: 1000 })).map(({ type }) => type);
      expect(types.filter((type) => type === "client_authentication_failed")).toHaveLength(200);
      expect(types.filter((type) => type === "limit_reached")).toHaveLength(2);
    },
  );

  it("the current password, for whoever holds an access token: five", async () => {
    const { server, browser } = await withAda();
    const { accessToken: bearer } = (await browser.refresh()).body;
    const change = (currentPassword: string) =>
      browser.call("POST", "/password", { bearer, body: { currentPassword, newPassword: "another good password" } });
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await change(`wrong ${i}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await change(PASSWORD)).status).toBe(429);
    pass(15 * MINUTE + 1);
    expect((await change(PASSWORD)).status).toBe(204);
    expect((await server.audit.list({ limit: 10 })).map(({ type }) => type)).toContain("limit_reached");
  });

  it("while nobody can count, nobody is let in: 503, and nothing is tried", async () => {
    const { server } = await withAda();
    await server.close();
    const answer = await login(new TestClient(server), PASSWORD);
    expect(refusal(answer)).toEqual({ status: 503, error: "unavailable", reason: "store_unavailable" });
  });
});
