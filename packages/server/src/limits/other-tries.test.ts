/** What else is counted. The counts go by the wall clock, which stands still here. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { anywhere, login, MALLORY, withAda } from "../../test/guesses.ts";
import { basic, PASSWORD, refusal, TestClient } from "../../test/test-server.ts";

// Dozens of passwords a test are hashed, on the cores that others want, too.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

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
