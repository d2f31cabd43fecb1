/** What an application with a table of users of its own does, as a process, whatever it reads the table with. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { call, get, PASSWORD, refresh, signup } from "../call.ts";
import type { Tokens } from "../call.ts";
import { freePort, launch, temporaryFolder } from "../launch.ts";
import { asServer } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";

/** `main` is the application's program; `prepare` makes its table in the folder it is started in. */
export function ownUsersTests(main: string, prepare: (folder: string) => void = () => {}): void {
  let app: RunningServer;
  beforeAll(async () => {
    const folder = temporaryFolder();
    prepare(folder);
    const port = await freePort();
    const process = launch(globalThis.process.execPath, [main], { cwd: folder, env: { PORT: String(port) } });
    await process.says(/Listening/);
    app = asServer(process, port, folder);
  });

  /** Straight into the application's table. */
  function sql(statement: string, ...values: (string | number | null)[]): Record<string, unknown> {
    const db = new DatabaseSync(join(app.folder, "app.db"), { timeout: 5000 });
    try {
      return db.prepare(statement).get(...values) ?? {};
    } finally {
      db.close();
    }
  }
  const login = (email: string, password = PASSWORD) =>
    call<Tokens & { error?: string }>("POST", `${app.issuer}/login`, { body: { email, password, delivery: "body" } });
  const notes = (tokens: Tokens) => get<{ reason?: string; roles?: string[] }>(`${app.url}/notes`, tokens.accessToken);
  const asBoss = async (method: string, path: string, body?: unknown) => {
    const { body: boss } = await login("boss@example.com", "the password of before");
    return call(method, app.url + path, { bearer: boss.accessToken, ...(body === undefined ? {} : { body }) });
  };

  describe("sign-up", () => {
    it("makes a row in the application's table, whose id is in the tokens", async () => {
      const { user, accessToken } = await signup(app.issuer, "Ada@Example.com");
      const row = sql("SELECT * FROM users WHERE email = 'ada@example.com'");
      expect(user).toMatchObject({ id: String(row["id"]), email: "ada@example.com", roles: ["user"] });
      expect(row["password"]).toMatch(/^\$argon2id\$/);
      expect((await get<{ subject: string }>(`${app.url}/notes`, accessToken)).body.subject).toBe(user.id);
      expect(Date.parse(user.createdAt)).toBeGreaterThan(Date.now() - 3_600_000);
    });

    it("of two at once with one e-mail lets one in", async () => {
      const body = { email: "one@example.com", password: PASSWORD };
      const both = await Promise.all([1, 2].map(() => call("POST", `${app.issuer}/signup`, { body })));
      expect(new Set(both.map(({ status }) => status))).toEqual(new Set([201, 409]));
      expect(sql("SELECT count(*) AS count FROM users WHERE email = 'one@example.com'")).toEqual({ count: 1 });
    });
  });

  describe("a hash of the application's own", () => {
    it("is good, and is replaced at the first sign-in", async () => {
      const before = sql("SELECT password FROM users WHERE email = 'boss@example.com'");
      expect((await login("boss@example.com", "another password")).status).toBe(401);
      expect(sql("SELECT password FROM users WHERE email = 'boss@example.com'")).toEqual(before);
      const { status, body } = await login("boss@example.com", "the password of before");
      expect([status, body.user.roles]).toEqual([200, ["user", "admin"]]);
      expect(sql("SELECT password FROM users WHERE email = 'boss@example.com'")["password"]).toMatch(/^\$argon2id\$/);
      expect((await refresh(app.issuer, body.refreshToken)).status).toBe(200);
    });
  });

  describe("what the application changes", () => {
    it("is in force at the next refresh, where it says nothing of it", async () => {
      const tokens = await signup(app.issuer, "quiet@example.com");
      sql("UPDATE users SET role = 'ADMIN', name = 'Quiet' WHERE email = 'quiet@example.com' RETURNING id");
      expect((await notes(tokens)).body.roles).toEqual(["user"]);
      const next = await refresh(app.issuer, tokens.refreshToken);
      expect(next.body.user).toMatchObject({ roles: ["user", "admin"], name: "Quiet" });
      expect((await notes(tokens)).body.reason).toBe("token_stale");
      sql("UPDATE users SET password = NULL WHERE email = 'quiet@example.com' RETURNING id");
      expect((await refresh(app.issuer, next.body.refreshToken)).body.reason).toBe("session_revoked");
    });

    it("is in force at once, where it says so: roles, disabled, deleted", async () => {
      const tokens = await signup(app.issuer, "loud@example.com");
      expect((await asBoss("PATCH", `/users/${tokens.user.id}`, { role: "ADMIN" })).status).toBe(204);
      expect((await notes(tokens)).body.reason).toBe("token_stale");
      const next = (await refresh(app.issuer, tokens.refreshToken)).body;
      expect((await notes(next)).body.roles).toEqual(["user", "admin"]);

      expect((await asBoss("PATCH", `/users/${tokens.user.id}`, { disabled: true })).status).toBe(204);
      expect((await notes(next)).body.reason).toBe("token_revoked");
      expect((await refresh(app.issuer, next.refreshToken)).body.reason).toBe("session_revoked");
      expect((await login("loud@example.com")).status).toBe(401);

      expect((await asBoss("PATCH", `/users/${tokens.user.id}`, { disabled: false })).status).toBe(204);
      const again = (await login("loud@example.com")).body;
      expect((await notes(again)).status).toBe(200);
      expect((await asBoss("DELETE", `/users/${tokens.user.id}`)).status).toBe(204);
      expect((await notes(again)).body.reason).toBe("token_revoked");
      expect((await login("loud@example.com")).status).toBe(401);
      expect((await asBoss("PATCH", "/users/999999", { disabled: true })).status).toBe(404);
    });
  });

  describe("what the server changes", () => {
    it("is in the application's table: a password, a name, what administrators do", async () => {
      const tokens = await signup(app.issuer, "own@example.com");
      const change = { currentPassword: PASSWORD, newPassword: "a new and better password" };
      expect((await call("POST", `${app.issuer}/password`, { bearer: tokens.accessToken, body: change })).status).toBe(204);
      const next = (await refresh(app.issuer, tokens.refreshToken)).body;
      expect((await login("own@example.com", change.newPassword)).status).toBe(200);
      expect((await call("PATCH", `${app.issuer}/me`, { bearer: next.accessToken, body: { name: "Own" } })).status).toBe(200);
      const path = `/auth/admin/users/${tokens.user.id}`;
      expect((await asBoss("PATCH", path, { roles: ["user", "admin"] })).status).toBe(200);
      expect((await asBoss("POST", `${path}/disable`)).status).toBe(200);
      expect(sql("SELECT name, role, disabled FROM users WHERE email = 'own@example.com'")).toEqual({
        name: "Own",
        role: "ADMIN",
        disabled: 1,
      });
    });

    it("is refused where the table has no place for it", async () => {
      const { user } = await signup(app.issuer, "plain@example.com");
      const path = `/auth/admin/users/${user.id}`;
      for (const [method, body] of [["PATCH", { roles: ["editor"] }], ["DELETE", undefined]] as const) {
        const answer = await asBoss(method, path, body);
        expect([answer.status, answer.body.error_description]).toEqual([
          400,
          expect.stringContaining("the application's own table"),
        ]);
      }
      sql("UPDATE users SET role = 'ADMIN' WHERE email = 'plain@example.com' RETURNING id");
      for (const roles of [["editor"], ["admin"], []]) expect((await asBoss("PATCH", path, { roles })).status).toBe(400);
      expect(sql("SELECT role FROM users WHERE email = 'plain@example.com'")).toEqual({ role: "ADMIN" });
    });
  });

  it("without its table is 503, with the session as it was", async () => {
    const tokens = await signup(app.issuer, "outage@example.com");
    sql("ALTER TABLE users RENAME TO users_away");
    onTestFinished(
      () =>
        void (
          sql("SELECT name FROM sqlite_master WHERE name = 'users_away'")["name"] && sql("ALTER TABLE users_away RENAME TO users")
        ),
    );
    const answer = await refresh(app.issuer, tokens.refreshToken);
    expect([answer.status, answer.body.reason, answer.headers.get("retry-after")]).toEqual([503, "store_unavailable", "1"]);
    expect((await notes(tokens)).status).toBe(200);
    sql("ALTER TABLE users_away RENAME TO users");
    expect((await refresh(app.issuer, tokens.refreshToken)).status).toBe(200);
  });
}
