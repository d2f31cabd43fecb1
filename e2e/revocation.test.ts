/**
 * What the server's own routes and a guard in its process refuse, and from when on. Guards in other processes do not
 * see revocations yet: there, an access token lives out its time.
 */
import type { ErrorBody, SessionsResponse } from "@ostiary/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { call, get, login, PASSWORD, refresh, signup } from "./call.ts";
import type { Answer, Tokens } from "./call.ts";
import { until } from "./launch.ts";
import { runOstiary, startExample } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

/** An Express API with the auth server inside. */
let server: RunningServer;
beforeAll(async () => {
  server = await startExample();
});

describe("the walk of a revocation: from the answer on, own routes and the embedded guard refuse", () => {
  it("the access and refresh token of a session that signed out; others go on", async () => {
    const gone = await signup(server.issuer, "logout@example.com");
    const other = await login(server.issuer, "logout@example.com");
    await expectAccess(gone, "200");
    const { status } = await call("POST", `${server.issuer}/logout`, { bearer: gone.accessToken });
    expect(status).toBe(204);
    await expectAccess(gone, "401 session_revoked");
    expect(outcome(await refresh(server.issuer, gone.refreshToken))).toBe("401 session_revoked");
    await expectAccess(other, "200");
    expect((await refresh(server.issuer, other.refreshToken)).status).toBe(200);
  });

  it("the same where the refresh token signs out", async () => {
    const gone = await signup(server.issuer, "body@example.com");
    const body = { refreshToken: gone.refreshToken };
    expect((await call("POST", `${server.issuer}/logout`, { body })).status).toBe(204);
    await expectAccess(gone, "401 session_revoked");
    expect(outcome(await refresh(server.issuer, gone.refreshToken))).toBe("401 session_revoked");
  });

  it("a session that was ended from another device", async () => {
    const phone = await signup(server.issuer, "devices@example.com");
    const laptop = await login(server.issuer, "devices@example.com");
    const { body } = await get<SessionsResponse>(`${server.issuer}/sessions`, laptop.accessToken);
    const other = body.sessions.find(({ current }) => !current);
    const deletion = await call("DELETE", `${server.issuer}/sessions/${other?.id}`, { bearer: laptop.accessToken });
    expect(deletion.status).toBe(204);
    await expectAccess(phone, "401 session_revoked");
    await expectAccess(laptop, "200");
  });

  it("every session, at sign-out everywhere; signing in again works", async () => {
    const [first, second] = [await signup(server.issuer, "all@example.com"), await login(server.issuer, "all@example.com")];
    const { status } = await call("POST", `${server.issuer}/logout-all`, { bearer: second.accessToken });
    expect(status).toBe(204);
    for (const tokens of [first, second]) {
      await expectAccess(tokens, "401 token_revoked");
      expect(outcome(await refresh(server.issuer, tokens.refreshToken))).toBe("401 session_revoked");
    }
    await expectAccess(await login(server.issuer, "all@example.com"), "200");
  });

  it("the other sessions, at a password change; the own one refreshes", async () => {
    const other = await signup(server.issuer, "password@example.com");
    const own = await login(server.issuer, "password@example.com");
    const body = { currentPassword: PASSWORD, newPassword: "another horse, another staple" };
    const { status } = await call("POST", `${server.issuer}/password`, { body, bearer: own.accessToken });
    expect(status).toBe(204);
    expect(outcome(await refresh(server.issuer, other.refreshToken))).toBe("401 session_revoked");
    await expectAccess(own, "401 token_stale");
    await expectAccess((await refresh(server.issuer, own.refreshToken)).body, "200");
  });
});

describe("what the command line does is seen by a running server", () => {
  it("changed roles make older access tokens stale; the session refreshes to the new ones", async () => {
    const tokens = await signup(server.issuer, "roles@example.com");
    await runOstiary(["users", "set-role", "roles@example.com", "user", "admin"], server);
    await until("the server has read the log", async () => (await api(tokens)).status === 401);
    await expectAccess(tokens, "401 token_stale");
    const refreshed = await refresh(server.issuer, tokens.refreshToken);
    expect(refreshed.body.user.roles).toEqual(["user", "admin"]);
    const { status } = await call("DELETE", `${server.url}/notes/1`, { bearer: refreshed.body.accessToken });
    expect(status).toBe(200);
  });

  it("a disabled user is signed out and kept out", async () => {
    const tokens = await signup(server.issuer, "disabled@example.com");
    await runOstiary(["users", "disable", "disabled@example.com"], server);
    expect(outcome(await refresh(server.issuer, tokens.refreshToken))).toBe("401 session_revoked");
    await until("the server has read the log", async () => (await api(tokens)).status === 401);
    await expectAccess(tokens, "401 token_revoked");
    const body = { email: "disabled@example.com", password: PASSWORD };
    const again = await call("POST", `${server.issuer}/login`, { body });
    expect([again.status, again.body.error]).toEqual([401, "invalid_credentials"]);
  });
});

function api({ accessToken }: Pick<Tokens, "accessToken">): Promise<Answer<ErrorBody>> {
  return get(`${server.url}/notes`, accessToken);
}

/** On a route of the auth server, and on one of the API behind the embedded guard. */
async function expectAccess(tokens: Pick<Tokens, "accessToken">, expected: string): Promise<void> {
  const answers = [await get(`${server.issuer}/sessions`, tokens.accessToken), await api(tokens)];
  expect(answers.map(outcome)).toEqual([expected, expected]);
}

function outcome({ status, body }: Answer<ErrorBody>): string {
  return status === 200 ? "200" : `${status} ${body.reason}`;
}
