/** SQLite that cannot do what it is asked: 503 with Retry-After, in time, and nothing half done. */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { PASSWORD, TestClient, auditTypes, refusal, startSignedIn, temporaryFile } from "../../../test/test-server.ts";
import type { CallOptions } from "../../../test/test-server.ts";

const unavailable = { status: 503, error: "unavailable", reason: "store_unavailable" };
const ada = { email: "ada@example.com", password: PASSWORD };

/** Ada's server on a file that another process can lock. */
async function lockable() {
  const path = temporaryFile();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${path}` }, { delivery: "body" });
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  return {
    server,
    client,
    tokens,
    lock: () => other.exec("begin immediate"),
    unlock: () => other.exec("rollback"),
  };
}

type Tokens = Awaited<ReturnType<typeof lockable>>["tokens"];

/** Every call that writes. */
function writes({ accessToken: bearer, refreshToken }: Tokens): [string, string, CallOptions][] {
  return [
    ["POST", "/signup", { body: { ...ada, email: "grace@example.com" } }],
    ["POST", "/login", { body: ada }],
    ["POST", "/login", { body: { ...ada, password: "wrong" } }],
    ["POST", "/refresh", { body: { refreshToken } }],
    ["PATCH", "/me", { bearer, body: { name: "Ada" } }],
    ["POST", "/password", { bearer, body: { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` } }],
    ["POST", "/logout", { bearer }],
    ["POST", "/logout", { body: { refreshToken } }],
    ["POST", "/logout-all", { bearer }],
  ];
}

describe("while another process holds the write lock", () => {
  it("every write is answered 503, and has done nothing", async () => {
    const { server, client, tokens, lock, unlock } = await lockable();
    const [session] = await server.sessions.list(tokens.user.id);
    const calls = writes(tokens);
    calls.push(["DELETE", `/sessions/${session!.id}`, { bearer: tokens.accessToken }]);
    lock();
    const answers = await Promise.all(calls.map((call) => client.call(...call)));
    for (const answer of answers) {
      expect(refusal(answer)).toEqual(unavailable);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(server.reported).toHaveLength(calls.length);
    unlock();

    expect(await auditTypes(server)).toEqual(["user_created", "signup"]);
    expect(await server.users.list()).toHaveLength(1);
    expect((await client.me(tokens.accessToken)).body).toEqual({ user: tokens.user });
    expect((await client.login()).user).toEqual(tokens.user);
    const refreshed = await client.refresh(tokens.refreshToken);
    expect(refreshed.status).toBe(200);
    expect((await client.refresh(refreshed.body.refreshToken)).status).toBe(200);
  });

  it("however many wait, all are answered within the second or so, and reading goes on", async () => {
    const { server, client, tokens, lock, unlock } = await lockable();
    lock();
    const started = performance.now();
    const refreshes = Array.from({ length: 30 }, () => client.refresh(tokens.refreshToken));
    const renames = Array.from({ length: 30 }, () =>
      client.call("PATCH", "/me", { bearer: tokens.accessToken, body: { name: "Ada" } }),
    );
    const reads = Array.from({ length: 30 }, () => client.me(tokens.accessToken));
    const statuses = await Promise.all([...refreshes, ...renames, ...reads].map(async (call) => (await call).status));
    expect(performance.now() - started).toBeLessThan(4000);
    expect(new Set(statuses.slice(0, 60))).toEqual(new Set([503]));
    expect(new Set(statuses.slice(60))).toEqual(new Set([200]));
    unlock();
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
    expect((await auditTypes(server)).filter((type) => type === "refresh")).toHaveLength(1);
  });

  it("for a moment only, writes wait and are done", async () => {
    const { client, tokens, lock, unlock } = await lockable();
    lock();
    const refreshing = client.refresh(tokens.refreshToken);
    const failing = client.call("POST", "/login", { body: { ...ada, password: "wrong" } });
    setTimeout(unlock, 100);
    expect((await refreshing).status).toBe(200);
    expect(refusal(await failing)).toMatchObject({ status: 401, error: "invalid_credentials" });
  });

  it("that was stuck before, a new lock is waited for anew", async () => {
    const { client, tokens, lock, unlock } = await lockable();
    lock();
    expect((await client.refresh(tokens.refreshToken)).status).toBe(503);
    unlock();
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
    lock();
    const refreshing = client.refresh(tokens.refreshToken);
    setTimeout(unlock, 100);
    expect((await refreshing).status).toBe(200);
  });
});

describe("after the server was closed", () => {
  it("every call that needs the store is answered 503, and closing again is no error", async () => {
    const { server, client, tokens } = await startSignedIn({}, { delivery: "body" });
    await server.close();
    await server.close();
    const reads: [string, string, CallOptions][] = [
      ["GET", "/me", { bearer: tokens.accessToken }],
      ["GET", "/sessions", { bearer: tokens.accessToken }],
      ["DELETE", "/sessions/x", { bearer: tokens.accessToken }],
    ];
    for (const call of [...writes(tokens), ...reads]) expect(refusal(await client.call(...call))).toEqual(unavailable);
    await expect(server.users.find("x")).rejects.toMatchObject({ code: "unavailable" });
    expect((await client.call("GET", "/.well-known/jwks.json")).status).toBe(200);
    expect(refusal(await client.me("a.b.c"))).toMatchObject({ status: 401 });
  });

  it("what was under way is answered one way or the other", async () => {
    const { server, client, tokens } = await startSignedIn({}, { delivery: "body" });
    const calls = writes(tokens).map((call) => new TestClient(server).call(...call));
    await server.close();
    for (const { status } of await Promise.all(calls)) expect([200, 201, 204, 401, 503]).toContain(status);
    expect((await client.refresh(tokens.refreshToken)).status).toBe(503);
  });
});
