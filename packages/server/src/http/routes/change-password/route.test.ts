import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { PASSWORD, TestClient, auditTypes, refusal, startSignedIn } from "../../../../test/test-server.ts";

const NEW = "a new and better password";
const change = { currentPassword: PASSWORD, newPassword: NEW };

describe("POST /password", () => {
  it("204: the other sessions end, older access tokens are stale, this session refreshes", async () => {
    const { server, client, tokens } = await startSignedIn();
    const phone = new TestClient(server);
    const phoneTokens = await phone.login();

    const answer = await client.call("POST", "/password", { bearer: tokens.accessToken, body: change });
    expect(answer.status).toBe(204);
    expect(answer.body).toBeNull();

    for (const { accessToken } of [tokens, phoneTokens]) {
      const me = await client.me(accessToken);
      expect(refusal(me)).toEqual({ status: 401, error: "invalid_token", reason: "token_stale" });
    }
    expect(refusal(await phone.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    const fresh = await client.refresh();
    expect((await client.me(fresh.body.accessToken)).status).toBe(200);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
    expect((await auditTypes(server)).at(-2)).toBe("password_changed");
  });

  it("204: only the new password signs in", async () => {
    const { client, tokens } = await startSignedIn();
    await client.call("POST", "/password", { bearer: tokens.accessToken, body: change });
    const login = (password: string) =>
      client.call<TokenResponse>("POST", "/login", { body: { email: tokens.user.email, password } });
    expect((await login(PASSWORD)).status).toBe(401);
    expect((await login(NEW)).status).toBe(200);
  });

  it("checklist 85: 401 invalid_credentials: the current password is wrong, and nothing changes", async () => {
    const { server, client, tokens } = await startSignedIn();
    const body = { currentPassword: `${PASSWORD} `, newPassword: NEW };
    const answer = await client.call("POST", "/password", { bearer: tokens.accessToken, body });
    expect(refusal(answer)).toEqual({ status: 401, error: "invalid_credentials", field: "currentPassword" });
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    expect((await client.login()).user.id).toBe(tokens.user.id);
    expect(await auditTypes(server)).toContain("password_change_failed");
    expect(await auditTypes(server)).not.toContain("password_changed");
  });

  it("400 invalid_field: the new password is outside the limits, and nothing changes", async () => {
    const { server, client, tokens } = await startSignedIn();
    for (const newPassword of ["", "seven77", "x".repeat(257), "\ud800\ud800abcdefgh", null, 12_345_678]) {
      const body = { currentPassword: PASSWORD, newPassword };
      const answer = await client.call("POST", "/password", { bearer: tokens.accessToken, body });
      expect(refusal(answer)).toMatchObject({ status: 400, reason: "invalid_field", field: "newPassword" });
    }
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    expect(await auditTypes(server)).not.toContain("password_changed");
  });

  it("401 of two changes at once, one wins: the other's current password is no longer right", async () => {
    const { client, tokens } = await startSignedIn();
    const answers = await Promise.all(
      ["first new password", "second new password"].map((newPassword) =>
        client.call("POST", "/password", {
          bearer: tokens.accessToken,
          body: { currentPassword: PASSWORD, newPassword },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 401]);
  });

  it("401 missing_token and invalid_token: before the body is looked at", async () => {
    const { client } = await startSignedIn();
    expect(refusal(await client.call("POST", "/password", { body: "{" }))).toMatchObject({ error: "missing_token" });
    const refused = await client.call("POST", "/password", { body: "{", bearer: "a.b.c" });
    expect(refusal(refused)).toMatchObject({ status: 401, error: "invalid_token" });
  });
});
