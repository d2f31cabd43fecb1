/** What the server itself changes, in a table that is the application's. */
import { setImmediate as turn } from "node:timers/promises";
import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { createOwnTable, hashOfPassword } from "../../../test/own-table.ts";
import { auditTypes, PASSWORD, refusal, startTestServer, temporaryFile, TestClient } from "../../../test/test-server.ts";
import { createOstiary } from "../../server.ts";
import { startUnclaimed } from "../../../test/admin-server.ts";

const EMAIL = "ada@example.com";
const ARGON2 = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;

async function start() {
  const table = createOwnTable();
  const server = await startTestServer({ users: table.directory });
  return { table, server, client: new TestClient(server) };
}

describe("whoever signs up", () => {
  it("has a row in the application's table, and its id in their tokens", async () => {
    const { table, server, client } = await start();
    table.add("first@example.com", null);
    const { status, body } = await client.call<TokenResponse>("POST", "/signup", {
      body: { email: " Ada@Example.com", name: "Ada", password: PASSWORD },
    });
    expect(status).toBe(201);
    expect(body.user).toMatchObject({ id: "2", email: EMAIL, name: "Ada", roles: ["user"] });
    expect((await server.guard.verify(body.accessToken)).subject).toBe("2");
    expect(table.hashOf(EMAIL)).toMatch(ARGON2);
    expect(await auditTypes(server)).toEqual(["user_created", "signup"]);
    expect((await server.audit.list({ userId: "2" })).map(({ userId }) => userId)).toEqual(["2", "2"]);
    expect((await new TestClient(server).login()).user.id).toBe("2");
  });

  it("is one, of two with one e-mail at once, and is told so who comes later", async () => {
    const { table, server } = await start();
    const signup = async () =>
      refusalOrOk(await new TestClient(server).call("POST", "/signup", { body: { email: EMAIL, password: PASSWORD } }));
    // Both have looked whether it is taken before either is there.
    table.broken.findByEmail = () => null;
    expect((await Promise.all([signup(), signup()])).toSorted()).toEqual(["201", "409 email_taken"]);
    delete table.broken.findByEmail;
    expect(await signup()).toBe("409 email_taken");
    // Where the index throws, both at once cannot be told apart from a database that fails.
    table.broken.create = () => {
      throw new Error("UNIQUE constraint failed: users.email");
    };
    expect(await signup()).toBe("409 email_taken");
  });
});

describe("a hash that the application has made", () => {
  it("lets its owner in, however many times at once and in two processes, and is ours from then on", async () => {
    const table = createOwnTable();
    table.add(EMAIL, PASSWORD);
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const servers = [
      await startTestServer({ users: table.directory, databaseUrl }),
      await startTestServer({ users: table.directory, databaseUrl }),
    ] as const;
    const clients = [...servers, ...servers].map((server) => new TestClient(server));
    const all = await Promise.all(
      clients.map((client) => client.call("POST", "/login", { body: { email: EMAIL, password: PASSWORD } })),
    );
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(table.hashOf(EMAIL)).toMatch(ARGON2);
    expect((await auditTypes(servers[0])).filter((type) => type === "password_hash_upgraded")).toHaveLength(1);
    for (const client of clients) expect((await client.refresh()).status).toBe(200);
  });

  it("is replaced by whoever comes next, if the process died in between, and no session ends", async () => {
    const { table, client } = await start();
    table.add(EMAIL, PASSWORD);
    const before = table.hashOf(EMAIL);
    await client.login();
    const after = table.hashOf(EMAIL);
    // As if it had not come to it.
    table.run("UPDATE users SET password = ?", before);
    expect((await client.refresh()).status).toBe(200);
    expect(table.hashOf(EMAIL)).toBe(after);
  });

  it.each([
    ["leaves it out", 1, (): null => null],
    ["throws", 2, (): never => { throw new Error("read-only"); }],
  ])("stays, and lets its owner in, where the table does not take ours: it %s", async (_, tries, update) => {
    const { table, server, client } = await start();
    table.add(EMAIL, PASSWORD);
    const before = table.hashOf(EMAIL);
    table.broken.update = update;
    for (let i = 0; i < 2; i++) {
      expect((await client.call("POST", "/login", { body: { email: EMAIL, password: PASSWORD } })).status).toBe(200);
    }
    const asked = table.calls.update;
    expect((await client.refresh()).status).toBe(200);
    expect([table.hashOf(EMAIL), table.calls.update, asked]).toEqual([before, asked, tries]);
    expect(await auditTypes(server)).not.toContain("password_changed");
  });

  it("never takes the place of a password that was set while it was made", async () => {
    const { table, client } = await start();
    table.add(EMAIL, PASSWORD);
    const reset = hashOfPassword("the password after the reset");
    table.broken.update = (...change) => {
      delete table.broken.update;
      table.run("UPDATE users SET password = ?", reset);
      return table.sound.update(...change);
    };
    expect(refusal(await client.call("POST", "/login", { body: { email: EMAIL, password: PASSWORD } }))).toEqual({
      status: 401,
      error: "invalid_credentials",
    });
    expect(table.hashOf(EMAIL)).toBe(reset);
  });
});

describe("a person", () => {
  it("changes their password: the table has it, other sessions end, this one goes on", async () => {
    const { table, server, client } = await start();
    table.add(EMAIL, PASSWORD);
    const other = new TestClient(server);
    await other.login();
    const { accessToken } = await client.login();
    const body = { currentPassword: PASSWORD, newPassword: "a new and better password" };
    // Another tab asks while the table has the new hash, and the server has not told of it yet.
    let tab: Promise<unknown> | undefined;
    table.broken.update = async (...change) => {
      const row = await table.sound.update(...change);
      tab = client.copy().me(accessToken);
      for (let i = 0; i < 100; i++) await turn();
      return row;
    };
    const change = await client.call("POST", "/password", { bearer: accessToken, body });
    // Its token is one of before the change, and no session has ended by it.
    expect([change.status, await tab]).toMatchObject([204, { status: 401 }]);
    expect((await client.refresh()).status).toBe(200);
    expect((await other.refresh()).status).toBe(401);
    expect((await other.call("POST", "/login", { body: { email: EMAIL, password: body.newPassword } })).status).toBe(200);
  });

  it("is told where the table does not take a password, and nothing has changed", async () => {
    const { table, server, client } = await start();
    table.add(EMAIL, PASSWORD);
    const { accessToken } = await client.login();
    table.broken.update = (id) => table.sound.findById(id);
    const body = { currentPassword: PASSWORD, newPassword: "a new and better password" };
    expect(refusal(await client.call("POST", "/password", { bearer: accessToken, body }))).toEqual({
      status: 400,
      error: "invalid_request",
    });
    expect((await client.refresh()).status).toBe(200);
    expect((await new TestClient(server).login()).user.email).toBe(EMAIL);
  });

  it("changes their name", async () => {
    const { table, client } = await start();
    table.add(EMAIL, PASSWORD, { name: "A" });
    const { accessToken } = await client.login();
    expect((await client.call("PATCH", "/me", { bearer: accessToken, body: { name: "Ada" } })).body).toMatchObject({
      user: { name: "Ada" },
    });
    expect(await table.sound.findByEmail(EMAIL)).toMatchObject({ name: "Ada" });
  });

  it("without a password is let in by none", async () => {
    const { table, client } = await start();
    table.add(EMAIL, null);
    for (const password of [PASSWORD, "", "no password here"]) {
      expect((await client.call("POST", "/login", { body: { email: EMAIL, password } })).status).not.toBe(200);
    }
  });
});

describe("an administrator", () => {
  async function startWithAdmin() {
    const started = await start();
    const { table, server, client } = started;
    table.add("root@example.com", PASSWORD, { roles: "user admin" });
    const id = table.add(EMAIL, PASSWORD);
    const { accessToken } = await client.login("root@example.com");
    const ada = new TestClient(server);
    await ada.login();
    const call = <Body>(method: string, path: string, body?: unknown) =>
      client.call<Body>(method, `/admin/users${path}`, { bearer: accessToken, ...(body === undefined ? {} : { body }) });
    return { ...started, id, ada, call };
  }

  it("gives roles, disables and enables, in the table, and it is audited as theirs", async () => {
    const { table, server, id, ada, call } = await startWithAdmin();
    expect((await call("PATCH", `/${id}`, { roles: ["user", "editor"] })).body).toMatchObject({
      user: { roles: ["user", "editor"] },
    });
    expect(await table.sound.findById(id)).toMatchObject({ roles: ["user", "editor"] });
    expect((await ada.refresh()).body.user.roles).toEqual(["user", "editor"]);
    expect((await call("POST", `/${id}/disable`)).status).toBe(200);
    expect(await table.sound.findById(id)).toMatchObject({ disabled: true });
    expect((await ada.refresh()).status).toBe(401);
    expect((await call("POST", `/${id}/enable`)).status).toBe(200);
    expect((await ada.login()).user.id).toBe(id);
    const events = await server.audit.list({ userId: id, types: ["roles_changed", "user_disabled", "user_enabled"] });
    expect(events.map(({ type, detail }) => [type, detail["by"]])).toEqual(
      ["user_enabled", "user_disabled", "roles_changed"].map((type) => [type, { id: "1", email: "root@example.com" }]),
    );
  });

  it("makes users, with roles", async () => {
    const { table, call } = await startWithAdmin();
    const made = await call("POST", "", { email: "new@example.com", password: PASSWORD, roles: ["editor"] });
    expect([made.status, made.body]).toMatchObject([201, { user: { id: "3", roles: ["editor"] } }]);
    expect(await table.sound.findById("3")).toMatchObject({ roles: ["editor"] });
  });

  it("is told what the table does not take, and nothing has changed", async () => {
    const { table, server, id, ada, call } = await startWithAdmin();
    table.broken.update = (one) => table.sound.findById(one);
    const acts = [["PATCH", `/${id}`, { roles: ["editor"] }], ["POST", `/${id}/disable`], ["DELETE", `/${id}`]] as const;
    for (const [method, path, body] of acts) {
      const answer = await call(method, path, body);
      expect(refusal(answer as never)).toEqual({ status: 400, error: "invalid_request" });
      expect(answer.body).toMatchObject({ error_description: expect.stringContaining("the application's own table") as unknown });
    }
    const row = { email: "other@example.com", passwordHash: hashOfPassword(PASSWORD) };
    for (const dryRun of [true, false]) {
      await expect(server.users.import([row], { dryRun })).rejects.toMatchObject({ code: "invalid_request" });
    }
    expect((await ada.refresh()).body.user.roles).toEqual(["user"]);
  });

  it("is told, and the server has what the table took instead", async () => {
    const { table, server, id, ada, call } = await startWithAdmin();
    table.broken.update = (one, changes) => table.sound.update(one, { ...changes, roles: ["user", "reader"] });
    expect(refusal((await call("PATCH", `/${id}`, { roles: ["editor"] })) as never)).toEqual({
      status: 400,
      error: "invalid_request",
    });
    // As the server has it, without a look at the table.
    expect((await server.users.list()).find((user) => user.id === id)).toMatchObject({ roles: ["user", "reader"] });
    expect((await ada.refresh()).body.user.roles).toEqual(["user", "reader"]);
  });

  it("is told with which roles a user was made, if not with those that were asked for", async () => {
    const { table, server, call } = await startWithAdmin();
    table.broken.update = (one) => table.sound.findById(one);
    const answer = await call("POST", "", { email: "new@example.com", password: PASSWORD, roles: ["user", "editor"] });
    expect(refusal(answer as never)).toEqual({ status: 400, error: "invalid_request" });
    expect(answer.body).toMatchObject({
      error_description: expect.stringMatching(/has been made, with the id 3 and the roles user:/) as unknown,
    });
    expect(await server.users.find("3")).toMatchObject({ email: "new@example.com", roles: ["user"] });
  });

  it("takes out what is kept of somebody whom the table has no more", async () => {
    const { table, server, id, call } = await startWithAdmin();
    table.run("DELETE FROM users WHERE id = ?", Number(id));
    expect((await call("DELETE", `/${id}`)).status).toBe(204);
    expect((await server.users.search({ text: "ada" })).users).toEqual([]);
  });

  it("leaves one administrator, and so do two who shut each other out at once; the application need not", async () => {
    const { table, server, call, client } = await startWithAdmin();
    table.run("UPDATE users SET roles = 'admin'");
    await server.users.sync("1");
    await server.users.sync("2");
    const grace = new TestClient(server);
    const { accessToken } = await grace.login();
    const own = (await client.refresh()).body.accessToken;
    const both = await Promise.all([
      client.call("PATCH", "/admin/users/2", { bearer: own, body: { roles: ["user"] } }),
      grace.call("PATCH", "/admin/users/1", { bearer: accessToken, body: { roles: ["user"] } }),
    ]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    table.run("UPDATE users SET roles = 'user'");
    expect(await server.users.sync("1")).toMatchObject({ roles: ["user"] });
    expect((await call("GET", "")).status).toBe(401);
  });

  it("is not made by a link: whether the table has one is not known", async () => {
    const server = await startUnclaimed({ users: createOwnTable().directory });
    expect(await server.firstAdminToken()).toBeNull();
  });
});

it("what is no directory is refused at the start", async () => {
  const users = { ...createOwnTable().directory, update: undefined } as never;
  await expect(createOstiary({ databaseUrl: "sqlite::memory:", users })).rejects.toThrow(
    /users: must be an object with the functions findByEmail, findById, create, update/,
  );
});

function refusalOrOk({ status, body }: { status: number; body: { error?: string } }): string {
  return body.error === undefined ? String(status) : `${status} ${body.error}`;
}
