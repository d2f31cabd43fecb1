/** How sessions end: by time, by their owner, by their operator. The clock is moved by hand. */
import { describe, expect, it } from "vitest";
import { DAY, MINUTE, SECOND, TestClient, refusal, startSignedIn } from "../../test/test-server.ts";

const expired = { status: 401, error: "invalid_token", reason: "session_expired" };
const byBody = { delivery: "body" };

describe("the idle limit", () => {
  it("ends a session that was not refreshed for so long, to the millisecond", async () => {
    for (const [waited, status] of [
      [7 * DAY - 1, 200],
      [7 * DAY, 401],
    ] as const) {
      const { server, client, tokens } = await startSignedIn({}, byBody);
      server.time.now += waited;
      expect((await client.refresh(tokens.refreshToken)).status).toBe(status);
    }
  });

  it("starts anew with each rotation, but not with a repeat", async () => {
    const { server, client, tokens } = await startSignedIn({ refreshTokenTtl: 60 }, byBody);
    server.time.now += 50 * SECOND;
    const next = await client.refresh(tokens.refreshToken);
    server.time.now += 5 * SECOND;
    await client.refresh(tokens.refreshToken);
    server.time.now += 55 * SECOND;
    expect(refusal(await client.refresh(next.body.refreshToken))).toEqual(expired);
  });
});

describe("the absolute limit", () => {
  it("ends a session whatever its use", async () => {
    const { server, client, tokens } = await startSignedIn({}, byBody);
    let token = tokens.refreshToken;
    for (let day = 0; day < 29; day++) {
      server.time.now += DAY;
      token = (await client.refresh(token)).body.refreshToken;
    }
    server.time.now += DAY - 1;
    const last = await client.refresh(token);
    expect(last.status).toBe(200);
    server.time.now += 1;
    expect(refusal(await client.refresh(last.body.refreshToken))).toEqual(expired);
  });

  it("with remember, is both limits: idle as long, no longer in all", async () => {
    const { server, client, tokens } = await startSignedIn({ rememberTtl: "90d" }, { ...byBody, remember: true });
    server.time.now += 89 * DAY;
    const next = await client.refresh(tokens.refreshToken);
    expect(next.status).toBe(200);
    server.time.now += DAY;
    expect(refusal(await client.refresh(next.body.refreshToken))).toEqual(expired);
  });

  it("a longer setting does not lengthen what has begun; a dead session stays dead", async () => {
    const { server, client, tokens } = await startSignedIn({ refreshTokenTtl: 60, sessionTtl: 60 }, byBody);
    server.time.now += 60 * SECOND;
    expect(refusal(await client.refresh(tokens.refreshToken))).toEqual(expired);
    server.time.now -= 30 * SECOND; // A clock that ran ahead was set back: nobody is signed out by that.
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });
});

describe("an access token", () => {
  it("expires to the second, and the session goes on", async () => {
    const { server, client, tokens } = await startSignedIn({ accessTokenTtl: 60 }, byBody);
    expect(tokens.expiresIn).toBe(60);
    server.time.now += 59_999;
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    server.time.now += 1;
    expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ status: 401, reason: "token_expired" });
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });
});

describe("what the operator does is felt at once", () => {
  it("sessions.revoke: that session, no other", async () => {
    const { server, client, tokens } = await startSignedIn();
    const phone = new TestClient(server);
    const phoneTokens = await phone.login();
    const [newest] = await server.sessions.list(tokens.user.id);
    expect(await server.sessions.revoke(newest!.id)).toBe(true);
    expect(await server.sessions.revoke("no such session")).toBe(false);
    expect(refusal(await phone.me(phoneTokens.accessToken))).toMatchObject({ reason: "session_revoked" });
    expect((await client.me(tokens.accessToken)).status).toBe(200);
  });

  it("sessions.revokeAll and users.disable: every session of the user", async () => {
    for (const end of ["revokeAll", "disable"] as const) {
      const { server, client, tokens } = await startSignedIn();
      await (end === "disable" ? server.users.disable(tokens.user.id) : server.sessions.revokeAll(tokens.user.id));
      expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ reason: "token_revoked" });
      expect(refusal(await client.refresh())).toMatchObject({ reason: "session_revoked" });
      expect(await server.sessions.list(tokens.user.id)).toEqual([]);
    }
  });

  it("users.setRoles and raiseTokenVersion: access tokens are stale, also those of other sessions; sessions live on", async () => {
    const { server, client, tokens } = await startSignedIn();
    const phone = new TestClient(server);
    const phoneTokens = await phone.login();
    await server.users.setRoles(tokens.user.id, ["admin", "admin"]);
    for (const { accessToken } of [tokens, phoneTokens]) {
      expect(refusal(await client.me(accessToken))).toMatchObject({ status: 401, reason: "token_stale" });
    }
    const fresh = (await client.refresh()).body;
    expect(fresh.user.roles).toEqual(["admin"]);
    expect((await client.me(fresh.accessToken)).status).toBe(200);

    await server.users.raiseTokenVersion(tokens.user.id);
    expect(refusal(await client.me(fresh.accessToken))).toMatchObject({ reason: "token_stale" });
    expect((await phone.refresh()).status).toBe(200);
  });

  it("nothing happens to users who are not there", async () => {
    const { server } = await startSignedIn();
    expect(await server.users.setRoles("nobody", ["admin"])).toBeNull();
    expect(await server.users.raiseTokenVersion("nobody")).toBeNull();
    expect(await server.users.disable("nobody")).toBeNull();
    expect(await server.sessions.revokeAll("nobody")).toBe(false);
    expect(await server.sessions.list("nobody")).toEqual([]);
  });

  it("the server's guard, for APIs in the same process, knows as much", async () => {
    const { server, client, tokens } = await startSignedIn();
    expect((await server.guard.verify(tokens.accessToken)).subject).toBe(tokens.user.id);
    await client.call("POST", "/logout", { bearer: tokens.accessToken });
    await expect(server.guard.verify(tokens.accessToken)).rejects.toMatchObject({ status: 401, reason: "session_revoked" });
    server.time.now += MINUTE;
    await expect(server.guard.verify(tokens.accessToken)).rejects.toMatchObject({ reason: "session_revoked" });
  });
});
