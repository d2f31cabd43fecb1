import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { MINUTE, PASSWORD, START, SECRET, TestClient, basic } from "../../../../test/test-server.ts";

interface Event {
  readonly id: number;
  readonly type: string;
  readonly userId: string | null;
  readonly detail: Record<string, unknown>;
}

const REFRESH_SECRET = "mK3vQ9xT2sLw8ZpR5yHd7NcF1bGj4Ue6AoIqXt0";

describe("the audit", () => {
  it("by user, type and time, page by page, and what has come since", async () => {
    const { server, ada, grace, client, call } = await startWithAdmin();
    server.time.now += MINUTE;
    for (let i = 0; i < 5; i++) await new TestClient(server).login("grace@example.com");
    server.time.now += MINUTE;
    await client.refresh();
    type Answer = { events: Event[]; users: Record<string, string>; next: string | null };
    const list = async (query: string) => {
      const all: Event[] = [];
      for (let before = ""; ; ) {
        const { body } = await call<Answer>("GET", `/admin/audit?limit=2&${query}${before && `&before=${before}`}`);
        all.push(...body.events);
        if (body.next === null) return all;
        before = body.next;
      }
    };
    const types = (events: Event[]) => events.map(({ type }) => type);
    expect(types(await list(`user=${grace.user.id}`))).toEqual([
      "refresh",
      "login",
      "login",
      "login",
      "login",
      "login",
      "signup",
      "user_created",
    ]);
    expect(types(await list(`user=${grace.user.id}&type=refresh,signup`))).toEqual(["refresh", "signup"]);
    expect(await list("type=nothing_like_it")).toEqual([]);
    const minute = `since=${new Date(START + MINUTE).toISOString()}&until=${new Date(START + 2 * MINUTE).toISOString()}`;
    expect(types(await list(minute))).toEqual(["login", "login", "login", "login", "login"]);
    expect(types(await list(`since=${new Date(START + 2 * MINUTE).toISOString()}`))).toEqual(["refresh"]);
    expect(types(await list("ip=192.0.2.1"))).toEqual([]);
    await new TestClient(server).call("POST", "/login", {
      body: { email: "x@example.com", password: PASSWORD },
      from: "192.0.2.1",
    });
    expect(types(await list("ip=192.0.2.1"))).toEqual(["login_failed"]);
    expect(await list(`ip=192.0.2.1&user=${grace.user.id}`)).toEqual([]);
    expect(types(await list(`ip=203.0.113.7&user=${grace.user.id}&type=signup`))).toEqual(["signup"]);
    const ids = (await list("type=login,login_failed,signup,refresh")).map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));

    const { body } = await call<Answer>("GET", `/admin/audit?after=${ids[0]}`);
    expect(body.events).toEqual([]);
    await client.call("POST", "/logout", { bearer: grace.accessToken });
    const news = await call<Answer>("GET", `/admin/audit?after=${ids[0]}`);
    expect(types(news.body.events)).toEqual(["logout"]);
    expect(news.body.users).toEqual({ [grace.user.id]: "grace@example.com" });
    expect(ada.user.email).toBe("ada@example.com");
  });
});

describe("the overview", () => {
  it("counts what happened by time, what lives, and who follows", async () => {
    const { server, call } = await startWithAdmin({ accessTokenTtl: "1d", refreshTokenTtl: "10d" });
    server.time.now += 60 * MINUTE;
    await new TestClient(server).login("grace@example.com");
    await new TestClient(server).call("POST", "/login", { body: { email: "grace@example.com", password: "wrong password" } });
    type Overview = {
      intervals: { from: string; counts: Record<string, number> }[];
      users: object;
      sessions: object;
      guards: object[];
    };
    const ask = async (range = "day") => (await call<Overview>("GET", `/admin/overview?range=${range}`)).body;
    const sums = ({ intervals }: Overview) =>
      intervals.map(({ counts }) => [counts["signIns"], counts["failures"], counts["refreshes"]]);
    const first = await ask();
    expect(first.intervals).toHaveLength(48);
    expect(sums(first).slice(-3)).toEqual([[2, 0, 1], [0, 0, 0], [1, 1, 0]]);
    expect([first.users, first.sessions, first.guards]).toEqual([{ count: 2, orMore: false }, { count: 3, orMore: false }, []]);
    // What was counted before is remembered, and what comes is added.
    await new TestClient(server).login("grace@example.com");
    expect(sums(await ask()).slice(-3)).toEqual([[2, 0, 1], [0, 0, 0], [2, 1, 0]]);
    expect((await ask("week")).intervals).toHaveLength(56);
    expect((await ask("month")).intervals).toHaveLength(60);

    const guard = await server.clients.create({ name: "API", guard: true });
    const feed = await server.fetch(new Request(`${server.issuer}/revocations`, { headers: { authorization: basic(guard) } }));
    const [connected] = (await ask()).guards;
    expect(connected).toMatchObject({ clientId: guard.clientId, name: "API", silentSeconds: expect.any(Number) as number });
    await feed.body!.cancel();
    expect((await ask()).guards).toEqual([]);
  });

  it("the settings in force have no secret in them", async () => {
    const { call } = await startWithAdmin({ refreshTokenSecret: REFRESH_SECRET, scopes: { admin: ["all"] } });
    const { body } = await call<{ settings: Record<string, unknown> }>("GET", "/admin/settings");
    expect(body.settings).toMatchObject({
      issuer: "http://localhost:4000/auth",
      accessTokenTtl: 900,
      databaseUrl: "sqlite::memory:",
      scopes: { admin: ["all"] },
    });
    expect(JSON.stringify(body)).not.toContain(REFRESH_SECRET);
    expect(JSON.stringify(body)).not.toContain(SECRET);
    expect(body.settings["mail"]).toBeNull();
  });

  it("nor does what they say of how mail is sent", async () => {
    const from = "Example <id@example.com>";
    const { call } = await startWithAdmin({ mail: { from, transport: "smtp://mailer:hunter2@127.0.0.1:1" } });
    const { body } = await call<{ settings: Record<string, unknown> }>("GET", "/admin/settings");
    expect(body.settings["mail"]).toEqual({
      from: { name: "Example", address: "id@example.com" },
      language: "en",
      transport: "smtp://127.0.0.1:1",
    });
    expect(JSON.stringify(body)).not.toMatch(/hunter2|mailer/);
    const own = await startWithAdmin({ mail: { from, transport: () => {} } });
    expect((await own.call<typeof body>("GET", "/admin/settings")).body.settings["mail"]).toMatchObject({ transport: "own" });
  });
});
