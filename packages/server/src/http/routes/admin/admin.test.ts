import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { MINUTE, PASSWORD, START, SECRET, TestClient, auditTypes, basic, refusal, startTestServer } from "../../../../test/test-server.ts";
import { adminRoutes } from "./routes.ts";

interface Page<Item> {
  readonly next: string | null;
  readonly users: Item[];
}
interface User {
  readonly id: string;
  readonly email: string;
  readonly roles: string[];
  readonly disabledAt: string | null;
}
interface Event {
  readonly id: number;
  readonly type: string;
  readonly userId: string | null;
  readonly detail: Record<string, unknown>;
}

const REFRESH_SECRET = "mK3vQ9xT2sLw8ZpR5yHd7NcF1bGj4Ue6AoIqXt0";
const guarded = adminRoutes.filter(({ path }) => path !== "/admin/first");

describe("every route for administrators", () => {
  it("401 missing_token, 401 invalid_token, 403 insufficient_role", async () => {
    const { server, grace } = await startWithAdmin();
    for (const { method, path } of guarded) {
      const call = (bearer?: string) => new TestClient(server).call(method.toUpperCase(), path.replace("{id}", "x"), { bearer });
      expect([path, refusal(await call())]).toEqual([path, { status: 401, error: "missing_token" }]);
      expect([path, refusal(await call("a.b.c"))]).toEqual([path, { status: 401, error: "invalid_token", reason: "token_malformed" }]);
      expect([path, refusal(await call(grace.accessToken))]).toEqual([path, { status: 403, error: "insufficient_role" }]);
    }
  });

  it("a role that was taken, a user who was disabled: refused with the very next request", async () => {
    const { server, ada, call } = await startWithAdmin();
    expect((await call("GET", "/admin/users")).status).toBe(200);
    await server.users.setRoles(ada.user.id, ["user"]);
    expect(refusal(await call("GET", "/admin/users"))).toEqual({ status: 401, error: "invalid_token", reason: "token_stale" });
    await server.users.disable(ada.user.id);
    expect(refusal(await call("GET", "/admin/users"))).toMatchObject({ status: 401, reason: "token_revoked" });
  });

  it("404 not_found for ids that nobody has, also for ones that no database could hold", async () => {
    const { call } = await startWithAdmin();
    const withId = guarded.filter(({ path }) => path.includes("{id}"));
    expect(withId.length).toBeGreaterThan(8);
    for (const { method, path } of withId) {
      for (const id of ["x", "00000000-0000-7000-8000-000000000000", "%00", "%F0%9F%92%A9", "x".repeat(3000)]) {
        const options = method === "patch" ? { body: { roles: ["user"] } } : {};
        const answer = await call(method.toUpperCase(), path.replace("{id}", id), options);
        expect([method, path, refusal(answer)]).toEqual([method, path, { status: 404, error: "not_found" }]);
      }
    }
  });

  it("400 invalid_request names the parameter that is wrong, unknown or there twice", async () => {
    const { call } = await startWithAdmin();
    const cases: [string, string][] = [
      ["/admin/users?limit=0", "limit"],
      ["/admin/users?limit=201", "limit"],
      ["/admin/users?limit=x", "limit"],
      ["/admin/users?after=nonsense", "after"],
      ["/admin/users?wat=1", "wat"],
      ["/admin/users?text=a&text=b", "text"],
      ["/admin/users?disabled=no", "disabled"],
      ["/admin/audit?before=-1", "before"],
      ["/admin/audit?type=LOGIN", "type"],
      ["/admin/audit?since=yesterday", "since"],
      ["/admin/overview?range=year", "range"],
    ];
    for (const [path, field] of cases) {
      expect([path, refusal(await call("GET", path))]).toEqual([path, { status: 400, error: "invalid_request", reason: "invalid_field", field }]);
    }
  });

  it("what is done is audited with who did it", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    const by = { id: ada.user.id, email: "ada@example.com" };
    const before = await auditTypes(server);
    const grace2 = `/admin/users/${grace.user.id}`;
    await call("PATCH", grace2, { body: { roles: ["user", "support"] } });
    await call("POST", `${grace2}/sign-out`);
    await call("POST", `${grace2}/disable`);
    await call("POST", `${grace2}/enable`);
    await call("POST", "/admin/users", { body: { email: "new@example.com", password: PASSWORD } });
    const [session] = await server.sessions.list(ada.user.id);
    await call("DELETE", `/admin/users/${grace.user.id}`);
    const { body } = await call<{ client: { clientId: string } }>("POST", "/admin/clients", { body: { name: "API", guard: true } });
    await call("POST", `/admin/clients/${body.client.clientId}/secret`);
    await call("DELETE", `/admin/clients/${body.client.clientId}`);
    // The first next key was published with the first; the one after it has to wait.
    await call("POST", "/admin/keys/rotate");
    await call("POST", "/admin/keys/rotate");
    await call("DELETE", `/admin/sessions/${session!.id}`);
    const events = (await server.audit.list({ limit: 1000 })).toReversed().slice(before.length);
    expect(events.map(({ type }) => type)).toEqual([
      "roles_changed",
      "logout_all",
      "user_disabled",
      "user_enabled",
      "user_created",
      "user_deleted",
      "client_created",
      "client_secret_rotated",
      "client_deleted",
      "key_state_changed",
      "key_state_changed",
      "key_rotation_planned",
      "session_revoked",
    ]);
    for (const { type, detail, ip } of events) expect([type, detail["by"], ip]).toEqual([type, by, "203.0.113.7"]);
  });
});

describe("users", () => {
  it("are found by the beginnings of words, by role, by state and by id, page by page", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    for (let i = 0; i < 7; i++) {
      await server.users.create({ email: `lovelace-${i}@Corp.example`, password: PASSWORD, name: `Łucja  Ada${i}`, roles: ["user", "support"] });
    }
    const emails = async (query: string) => {
      const all: string[] = [];
      for (let after = ""; ; ) {
        const { body, status } = await call<Page<User>>("GET", `/admin/users?limit=3&${query}${after && `&after=${after}`}`);
        expect(status).toBe(200);
        all.push(...body.users.map(({ email }) => email));
        if (body.next === null) return all;
        after = body.next;
      }
    };
    const seven = Array.from({ length: 7 }, (_, i) => `lovelace-${i}@Corp.example`);
    expect(await emails("text=lovelace")).toEqual(["ada@example.com", ...seven]);
    expect(await emails("text=lovelace+corp")).toEqual(seven);
    expect(await emails("text=CORP.EXAMPLE")).toEqual(seven);
    expect(await emails("text=%C5%82ucja+ada3")).toEqual(["lovelace-3@Corp.example"]);
    expect(await emails("text=grace@ex")).toEqual(["grace@example.com"]);
    expect(await emails("role=admin")).toEqual(["ada@example.com"]);
    expect(await emails("role=adm")).toEqual([]);
    expect(await emails("role=support&text=ada6")).toEqual(["lovelace-6@Corp.example"]);
    expect(await emails(`text=${grace.user.id.toUpperCase()}`)).toEqual(["grace@example.com"]);
    expect(await emails("text=%01role+admin")).toEqual([]);
    expect(await emails("text=%25")).toEqual([]);
    expect(await emails("")).toEqual([...seven.toReversed(), "grace@example.com", "ada@example.com"]);

    await server.users.disable(grace.user.id);
    expect(await emails("disabled=true")).toEqual(["grace@example.com"]);
    await server.users.enable(grace.user.id);
    expect(await emails("disabled=true")).toEqual([]);
    await new TestClient(server).call("PATCH", "/me", { bearer: ada.accessToken, body: { name: "Countess" } });
    expect(await emails("text=lovelace")).toEqual(seven);
    expect(await emails("text=countess")).toEqual(["ada@example.com"]);
  });

  it("201, 409: are created, and can sign in", async () => {
    const { server, call } = await startWithAdmin();
    const body = { email: "new@example.com", password: PASSWORD, name: "New", roles: ["user", "support"] };
    const made = await call<{ user: User }>("POST", "/admin/users", { body });
    expect([made.status, made.body.user.roles]).toEqual([201, ["user", "support"]]);
    expect((await new TestClient(server).login("new@example.com")).user.id).toBe(made.body.user.id);
    expect(refusal(await call("POST", "/admin/users", { body }))).toEqual({ status: 409, error: "email_taken" });
    expect(refusal(await call("POST", "/admin/users", { body: { ...body, roles: ["a b"] } }))).toMatchObject({ status: 400, field: "roles" });
  });

  it("a change of roles counts at once, for tokens that are about, and nobody is signed out", async () => {
    const { server, grace, client, call } = await startWithAdmin();
    const path = `/admin/users/${grace.user.id}`;
    const changed = await call<{ user: User }>("PATCH", path, { body: { roles: ["user", "admin"] } });
    expect(changed.body.user.roles).toEqual(["user", "admin"]);
    expect((await client.me(grace.accessToken)).body.reason).toBe("token_stale");
    const fresh = (await client.refresh()).body.accessToken;
    const asGrace = () => new TestClient(server).call("GET", path, { bearer: fresh });
    expect((await asGrace()).status).toBe(200);
    await call("PATCH", path, { body: { roles: ["user"] } });
    expect(refusal(await asGrace())).toMatchObject({ status: 401, reason: "token_stale" });
  });

  it("disabled, enabled again, signed out everywhere, deleted: each at once", async () => {
    const { server, grace, client, call } = await startWithAdmin();
    const path = `/admin/users/${grace.user.id}`;
    const login = () => new TestClient(server).call("POST", "/login", { body: { email: "grace@example.com", password: PASSWORD } });
    expect((await call<{ user: User }>("POST", `${path}/disable`)).body.user.disabledAt).not.toBeNull();
    expect((await client.me(grace.accessToken)).status).toBe(401);
    expect((await login()).status).toBe(401);
    expect((await call<{ user: User }>("POST", `${path}/enable`)).body.user.disabledAt).toBeNull();
    expect((await login()).status).toBe(200);
    const again = await new TestClient(server).login("grace@example.com");
    expect((await call("POST", `${path}/sign-out`)).status).toBe(204);
    expect((await client.me(again.accessToken)).body.reason).toBe("token_revoked");
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("GET", path)).status).toBe(404);
    expect((await login()).status).toBe(401);
  });

  it("400: no administrator shuts themselves out", async () => {
    const { ada, call } = await startWithAdmin();
    const path = `/admin/users/${ada.user.id}`;
    const answers = [
      await call("PATCH", path, { body: { roles: ["user"] } }),
      await call("POST", `${path}/disable`),
      await call("DELETE", path),
    ];
    for (const answer of answers) expect(refusal(answer)).toEqual({ status: 400, error: "invalid_request" });
    expect((await call("PATCH", path, { body: { roles: ["admin"] } })).status).toBe(200);
  });
});

describe("sessions", () => {
  it("of a user, newest first, page by page; with those that have ended", async () => {
    const { server, grace, call } = await startWithAdmin();
    for (let i = 0; i < 4; i++) {
      server.time.now += MINUTE;
      await new TestClient(server).login("grace@example.com");
    }
    const [newest] = await server.sessions.list(grace.user.id);
    await server.sessions.revoke(newest!.id);
    const list = async (query = "") => {
      const ids: string[] = [];
      for (let after = ""; ; ) {
        const path = `/admin/users/${grace.user.id}/sessions?limit=2${query}${after && `&after=${after}`}`;
        const { body } = await call<{ sessions: { id: string; endedAt: string | null }[]; next: string | null }>("GET", path);
        ids.push(...body.sessions.map(({ id, endedAt }) => (endedAt === null ? id : `${id} ended`)));
        if (body.next === null) return ids;
        after = body.next;
      }
    };
    const live = (await server.sessions.list(grace.user.id)).map(({ id }) => id);
    expect(live).toHaveLength(4);
    // The administrator's token is older than these minutes allow for nothing: it lives for a quarter of an hour.
    expect(await list()).toEqual(live);
    expect(await list("&ended=true")).toEqual([`${newest!.id} ended`, ...live]);
  });

  it("the life of one: login, rotations in one step, repeats, theft with both devices", async () => {
    const { server, grace, client, call } = await startWithAdmin({ accessTokenTtl: "1d" });
    for (let i = 0; i < 3; i++) {
      server.time.now += MINUTE;
      await client.refresh(undefined, { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
    }
    const thief = client.copy();
    thief.jar.delete("ostiary_device");
    server.time.now += MINUTE;
    await client.refresh(undefined, { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
    await client.refresh();
    server.time.now += 5 * MINUTE;
    await thief.refresh(undefined, { "user-agent": "curl/8" });
    const [ended] = await server.sessions.list(grace.user.id, { ended: true });
    const { body } = await call<{ steps: Record<string, unknown>[]; user: User; session: Record<string, unknown>; omitted: number }>(
      "GET",
      `/admin/sessions/${ended!.id}`,
    );
    expect(body.user.email).toBe("grace@example.com");
    expect(body.session["endReason"]).toBe("refresh_token_reused");
    expect(body.omitted).toBe(0);
    expect(body.steps.map(({ kind, count, generation }) => [kind, count, generation])).toEqual([
      ["begin", undefined, undefined],
      // The first came from another browser than the sign-up, which is worth telling by itself.
      ["rotations", 1, 1],
      ["rotations", 3, 4],
      ["repeats", 1, 4],
      ["theft", undefined, 4],
      ["end", undefined, undefined],
    ]);
    const theft = body.steps.find(({ kind }) => kind === "theft")!;
    expect(theft).toMatchObject({ presented: 3, presentedBy: { userAgent: "curl/8" }, lastRotatedBy: { label: "Firefox on Linux" } });
  });

  it("the end names the administrator, also where it was done to the user", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    const other = await new TestClient(server).login("grace@example.com");
    expect(other.user.id).toBe(grace.user.id);
    const [second, first] = await server.sessions.list(grace.user.id);
    expect((await call("DELETE", `/admin/sessions/${first!.id}`)).status).toBe(204);
    server.time.now += MINUTE;
    await call("POST", `/admin/users/${grace.user.id}/disable`);
    const endOf = async (id: string) => {
      const { body } = await call<{ steps: Record<string, unknown>[] }>("GET", `/admin/sessions/${id}`);
      return body.steps.at(-1);
    };
    const by = { id: ada.user.id, email: "ada@example.com" };
    expect(await endOf(first!.id)).toMatchObject({ kind: "end", reason: "session_deleted", by });
    expect(await endOf(second!.id)).toMatchObject({ kind: "end", reason: "user_disabled", by, at: new Date(START + MINUTE).toISOString() });
  });
});

describe("keys and clients", () => {
  it("keys are listed, and the next one signs when it is ripe, or now", async () => {
    const { server, call } = await startWithAdmin();
    type Key = { kid: string; state: string; purpose: string; activatesAt: string | null };
    const access = async () => (await call<{ keys: Key[] }>("GET", "/admin/keys")).body.keys.filter(({ purpose }) => purpose === "access");
    const before = await access();
    expect(before.map(({ state }) => state).toSorted()).toEqual(["active", "upcoming"]);
    server.time.now += MINUTE;
    // What was published with the first is ripe.
    expect((await call<{ key: Key }>("POST", "/admin/keys/rotate")).body.key.state).toBe("active");
    const planned = await call<{ key: Key }>("POST", "/admin/keys/rotate");
    expect(planned.body.key).toMatchObject({ state: "upcoming", activatesAt: new Date(START + 11 * MINUTE).toISOString() });
    const { body } = await call<{ key: Key }>("POST", "/admin/keys/rotate", { body: { purpose: "access", now: true } });
    expect(body.key).toMatchObject({ state: "active", kid: planned.body.key.kid });
    expect((await access()).map(({ state }) => state)).toContain("retiring");
    expect(JSON.stringify(await access())).not.toMatch(/sealed|"d":/);
    expect(refusal(await call("POST", "/admin/keys/rotate", { body: { purpose: "browser" } }))).toMatchObject({ status: 400, field: "purpose" });
  });

  it("a client's secret is told once, and good until it is rotated or deleted", async () => {
    const { server, call } = await startWithAdmin();
    type Answer = { client: { clientId: string }; clientSecret: string };
    const { body: made } = await call<Answer>("POST", "/admin/clients", { body: { name: "API", guard: true } });
    const follows = async (clientSecret: string) => {
      const authorization = basic({ clientId: made.client.clientId, clientSecret });
      return (await new TestClient(server).call("HEAD", "/revocations", { headers: { authorization } })).status;
    };
    expect(await follows(made.clientSecret)).toBe(200);
    const { body: rotated } = await call<Answer>("POST", `/admin/clients/${made.client.clientId}/secret`);
    expect([await follows(made.clientSecret), await follows(rotated.clientSecret)]).toEqual([401, 200]);
    for (let i = 0; i < 3; i++) {
      server.time.now += 1;
      await call("POST", "/admin/clients", { body: { name: `API ${i}` } });
    }
    const names: string[] = [];
    for (let after = ""; ; ) {
      const { body } = await call<{ clients: { name: string }[]; next: string | null }>("GET", `/admin/clients?limit=3${after && `&after=${after}`}`);
      expect(JSON.stringify(body)).not.toMatch(/secret/i);
      names.push(...body.clients.map(({ name }) => name));
      if (body.next === null) break;
      after = body.next;
    }
    expect(names).toEqual(["API", "API 0", "API 1", "API 2"]);
    expect((await call("DELETE", `/admin/clients/${made.client.clientId}`)).status).toBe(204);
    expect(await follows(rotated.clientSecret)).toBe(401);
  });
});

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
    expect(types(await list(`user=${grace.user.id}`))).toEqual(["refresh", "login", "login", "login", "login", "login", "signup", "user_created"]);
    expect(types(await list(`user=${grace.user.id}&type=refresh,signup`))).toEqual(["refresh", "signup"]);
    expect(await list("type=nothing_like_it")).toEqual([]);
    const minute = `since=${new Date(START + MINUTE).toISOString()}&until=${new Date(START + 2 * MINUTE).toISOString()}`;
    expect(types(await list(minute))).toEqual(["login", "login", "login", "login", "login"]);
    expect(types(await list(`since=${new Date(START + 2 * MINUTE).toISOString()}`))).toEqual(["refresh"]);
    const ids = (await list("type=login,signup,refresh")).map(({ id }) => id);
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
    type Overview = { intervals: { from: string; counts: Record<string, number> }[]; users: object; sessions: object; guards: object[] };
    const ask = async (range = "day") => (await call<Overview>("GET", `/admin/overview?range=${range}`)).body;
    const sums = ({ intervals }: Overview) => intervals.map(({ counts }) => [counts["signIns"], counts["failures"], counts["refreshes"]]);
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
    expect(connected).toMatchObject({ clientId: guard.clientId, name: "API", silentSeconds: 0 });
    await feed.body!.cancel();
    expect((await ask()).guards).toEqual([]);
  });

  it("the settings in force have no secret in them", async () => {
    const { call } = await startWithAdmin({ refreshTokenSecret: REFRESH_SECRET, scopes: { admin: ["all"] } });
    const { body } = await call<{ settings: Record<string, unknown> }>("GET", "/admin/settings");
    expect(body.settings).toMatchObject({ issuer: "http://localhost:4000/auth", accessTokenTtl: 900, databaseUrl: "sqlite::memory:", scopes: { admin: ["all"] } });
    expect(JSON.stringify(body)).not.toContain(REFRESH_SECRET);
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });
});

describe("the first administrator", () => {
  const claim = (server: Parameters<typeof auditTypes>[0] & ConstructorParameters<typeof TestClient>[0], token: string, more = {}) =>
    new TestClient(server).call<{ user: User } & ErrorBody>("POST", "/admin/first", {
      body: { token, email: "first@example.com", password: PASSWORD, ...more },
    });

  it("201: by the link of the start, once", async () => {
    const server = await startTestServer();
    const token = (await server.firstAdminToken())!;
    expect(refusal(await claim(server, "wrong"))).toEqual({ status: 404, error: "not_found" });
    expect(refusal(await claim(server, token, { password: "short" }))).toMatchObject({ status: 400, field: "password" });
    const [one, other] = await Promise.all([claim(server, token), claim(server, token, { email: "second@example.com" })]);
    expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([201, 404]);
    const winner = one.status === 201 ? one : other;
    expect(winner.body.user.roles).toEqual(["user", "admin"]);
    const { accessToken } = (await new TestClient(server).login(winner.body.user.email)) satisfies TokenResponse;
    expect((await new TestClient(server).call("GET", "/admin/users", { bearer: accessToken })).status).toBe(200);
    expect(await server.firstAdminToken()).toBeNull();
  });

  it("404: when there is an administrator meanwhile, or no link was ever printed", async () => {
    const server = await startTestServer();
    expect((await claim(server, "")).status).toBe(404);
    const token = (await server.firstAdminToken())!;
    await server.users.create({ email: "root@example.com", password: PASSWORD, roles: ["admin"] });
    expect((await claim(server, token)).status).toBe(404);
  });
});
