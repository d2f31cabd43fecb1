/** What the application's own code does to its table of users, and what becomes of sessions and tokens. */
import { describe, expect, it } from "vitest";
import { startOAuth } from "../../../test/code-client.ts";
import { PageClient } from "../../../test/page-client.ts";
import { createOwnTable, hashOfPassword } from "../../../test/own-table.ts";
import type { OwnTable } from "../../../test/own-table.ts";
import { auditTypes, PASSWORD, refusal, startTestServer, TestClient } from "../../../test/test-server.ts";
import { hashOf } from "../../sessions/hash-of.ts";

const EMAIL = "ada@example.com";
const reasonOf = ({ status, body }: { status: number; body: { reason?: string } }): string => `${status} ${body.reason ?? ""}`;

/** Ada, who was in the table before, signed in on two devices. */
async function startSignedIn() {
  const table = createOwnTable();
  const id = table.add(EMAIL, PASSWORD, { name: "Ada" });
  const server = await startTestServer({ users: table.directory });
  const [client, other] = [new TestClient(server), new TestClient(server)];
  const tokens = await client.login();
  await other.login();
  return { table, id, server, client, other, tokens };
}

describe("at the next refresh at the latest, and at once after users.sync", () => {
  const apply = {
    "at the next refresh": async () => {},
    "after users.sync": async ({ server, id }: { server: Awaited<ReturnType<typeof startTestServer>>; id: string }) =>
      void (await server.users.sync(id)),
  };

  it.each(Object.entries(apply))("other roles are in the tokens, and the session goes on: %s", async (_, sync) => {
    const all = await startSignedIn();
    const { table, server, client, tokens } = all;
    table.run("UPDATE users SET roles = 'user editor'");
    await sync(all);
    const refreshed = (await client.refresh()).body;
    expect(refreshed.user.roles).toEqual(["user", "editor"]);
    expect((await server.guard.verify(refreshed.accessToken)).roles).toEqual(["user", "editor"]);
    await expect(server.guard.verify(tokens.accessToken)).rejects.toMatchObject({ reason: "token_stale" });
  });

  const ends = [
    ["another password", `UPDATE users SET password = '${hashOfPassword("another long password")}'`, "password_changed"],
    ["no password any more", "UPDATE users SET password = NULL", "password_changed"],
    ["disabled", "UPDATE users SET disabled = 1", "user_disabled"],
    ["deleted", "DELETE FROM users", "user_disabled"],
  ] as const;
  it.each(ends.flatMap((end) => Object.entries(apply).map((way) => [...end, ...way] as const)))(
    "all sessions end, and their access tokens: %s",
    async (_, sql, type, __, sync) => {
      const all = await startSignedIn();
      const { table, server, client, other, tokens } = all;
      table.run(sql);
      await sync(all);
      for (const one of [client, other]) expect(reasonOf(await one.refresh())).toBe("401 session_revoked");
      expect(client.jar.has("ostiary_refresh")).toBe(false);
      await expect(server.guard.verify(tokens.accessToken)).rejects.toMatchObject({ reason: "token_revoked" });
      expect((await client.call("POST", "/login", { body: { email: EMAIL, password: PASSWORD } })).status).toBe(401);
      expect((await auditTypes(server)).filter((one) => one === type)).toHaveLength(1);
    },
  );

  it("users.sync takes effect before anybody refreshes", async () => {
    const { table, server, id, tokens } = await startSignedIn();
    table.run("UPDATE users SET disabled = 1");
    expect(await server.guard.verify(tokens.accessToken)).toMatchObject({ subject: id });
    expect(await server.users.sync(id)).toMatchObject({ id, roles: ["user"] });
    await expect(server.guard.verify(tokens.accessToken)).rejects.toMatchObject({ reason: "token_revoked" });
    table.run("DELETE FROM users");
    expect(await server.users.sync(id)).toMatchObject({ disabledAt: server.time.now });
    expect(await server.users.delete(id)).toMatchObject({ id });
    expect(await server.users.sync(id)).toBeNull();
    expect(await server.users.sync("nobody")).toBeNull();
  });

  it("nobody has another spelling of an id, though a database may find somebody by it", async () => {
    const { table, server, id, client } = await startSignedIn();
    expect(await table.sound.findById(`0${id}`)).toMatchObject({ id });
    expect(await server.users.sync(`0${id}`)).toBeNull();
    expect(await server.users.delete(`0${id}`)).toBeNull();
    expect((await client.refresh()).status).toBe(200);
  });

  it("name and e-mail are what the table says, also where two have exchanged theirs", async () => {
    const { table, server, client, tokens } = await startSignedIn();
    table.add("grace@example.com", PASSWORD);
    const grace = new TestClient(server);
    await grace.login("grace@example.com");
    table.run("UPDATE users SET email = '-' || email");
    table.run("UPDATE users SET name = 'Countess', email = 'grace@example.com' WHERE id = 1");
    table.run("UPDATE users SET email = 'ada@example.com' WHERE id = 2");
    expect((await client.me(tokens.accessToken)).body.user).toMatchObject({
      id: "1",
      email: "grace@example.com",
      name: "Countess",
    });
    expect((await client.refresh()).body.user).toMatchObject({ id: "1", email: "grace@example.com" });
    expect((await grace.refresh()).body.user).toMatchObject({ id: "2", email: "ada@example.com" });
    expect((await server.users.search({ text: "countess" })).users.map(({ id }) => id)).toEqual(["1"]);
    expect((await new TestClient(server).login("grace@example.com")).user.id).toBe("1");
  });
});

describe("the request by which a change is seen is not carried out itself", () => {
  const RESET = `UPDATE users SET password = '${hashOfPassword("another long password")}'`;

  it("with an access token of before another password, or of before other roles", async () => {
    const { table, client, other, tokens } = await startSignedIn();
    table.run("UPDATE users SET roles = 'user editor'");
    expect(reasonOf(await client.me(tokens.accessToken))).toBe("401 token_stale");
    const { accessToken } = (await client.refresh()).body;
    table.run(RESET);
    const rename = { bearer: accessToken, body: { name: "Eve" } };
    expect(reasonOf(await client.call<{ reason?: string }>("PATCH", "/me", rename))).toBe("401 token_revoked");
    expect((await table.sound.findById("1"))?.name).toBe("Ada");
    expect(reasonOf(await other.refresh())).toBe("401 session_revoked");
  });

  it("with a sign-in cookie: the pages ask who it is", async () => {
    const { table, server, client } = await startSignedIn();
    const page = new PageClient(server, client.jar);
    const form_token = await page.formToken("/account");
    table.run(RESET);
    const answer = await page.post("/account", { form_token, task: "profile", name: "Eve" });
    expect([answer.status, answer.location]).toEqual([303, expect.stringContaining("/sign-in")]);
    expect((await table.sound.findById("1"))?.name).toBe("Ada");
  });

  it("with what an application of others has: its token at userinfo, and a code", async () => {
    const table = createOwnTable();
    const { newCode, redeem, userinfo } = await startOAuth({ users: table.directory });
    const { access_token } = (await redeem(await newCode())).body;
    expect((await userinfo(access_token)).status).toBe(200);
    const codes = [await newCode({ scopes: ["openid"] }), await newCode()];
    table.run(RESET);
    expect(reasonOf(await userinfo(access_token))).toBe("401 token_revoked");
    for (const code of codes) expect(refusal(await redeem(code))).toEqual({ status: 400, error: "invalid_grant" });
  });

  it("a code alone: no token has the version of after and a session of before, and the code is not spent", async () => {
    const table = createOwnTable();
    const { store, newCode, redeem } = await startOAuth({ users: table.directory });
    const code = await newCode({ scopes: ["openid"] });
    table.run(RESET);
    expect(refusal(await redeem(code))).toEqual({ status: 400, error: "invalid_grant" });
    expect(await store.oauth.codes.find(hashOf(code))).toMatchObject({ redeemedAt: null });
  });
});

describe("whoever is let in again", () => {
  it.each([
    [
      "was disabled",
      (table: OwnTable) => table.run("UPDATE users SET disabled = 1"),
      (table: OwnTable) => table.run("UPDATE users SET disabled = 0"),
    ],
    [
      "was gone",
      (table: OwnTable) => table.run("UPDATE users SET id = 99"),
      (table: OwnTable) => table.run("UPDATE users SET id = 1"),
    ],
  ])("signs in with a token that counts; sessions of before stay ended: %s", async (_, shutOut, letIn) => {
    const { table, server, id, client } = await startSignedIn();
    shutOut(table);
    await server.users.sync(id);
    letIn(table);
    expect(reasonOf(await client.refresh())).toBe("401 session_revoked");
    const { accessToken } = await client.login();
    expect(await server.guard.verify(accessToken)).toMatchObject({ subject: id });
  });

  it("as somebody new under an old id, has nothing of who was there before", async () => {
    const { table, server, client, tokens } = await startSignedIn();
    table.run("DELETE FROM users");
    table.run("INSERT INTO users (id, email, password) VALUES (1, 'eve@example.com', ?)", hashOfPassword("the password of Eve"));
    expect(reasonOf(await client.refresh())).toBe("401 session_revoked");
    await expect(server.guard.verify(tokens.accessToken)).rejects.toMatchObject({ reason: "token_revoked" });
    const eve = await client.login("eve@example.com", { password: "the password of Eve" });
    expect(await server.guard.verify(eve.accessToken)).toMatchObject({ subject: "1" });
  });
});

describe("a table that says what it said before", () => {
  it("is asked once a refresh, and nothing is written or revoked", async () => {
    const { table, server, client, tokens } = await startSignedIn();
    const before = { ...table.calls };
    const events = (await auditTypes(server)).length;
    server.time.now += 60_000;
    await client.refresh();
    expect(table.calls).toEqual({ ...before, findById: before.findById + 1 });
    expect((await auditTypes(server)).slice(events)).toEqual(["refresh"]);
    expect(await server.guard.verify(tokens.accessToken)).toBeDefined();
  });

  it("is not asked for a session that has ended, nor for a token that is none", async () => {
    const { table, client } = await startSignedIn();
    const left = client.copy();
    await client.call("POST", "/logout", { headers: { "x-csrf-token": client.jar.get("ostiary_csrf") ?? "" } });
    const before = { ...table.calls };
    expect(refusal(await left.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    expect(refusal(await left.refresh("not.a.token"))).toMatchObject({ status: 401 });
    expect(table.calls).toEqual(before);
  });
});
