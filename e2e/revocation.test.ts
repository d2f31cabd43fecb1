/** What is refused after a sign-out, and from when on: by the server's own routes, and by guards in its process and others. */
import { join } from "node:path";
import type { GuardStatus } from "@ostiary/guard";
import type { ErrorBody, SessionsResponse } from "@ostiary/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { call, get, login, PASSWORD, refresh, signup } from "./call.ts";
import type { Answer, Tokens } from "./call.ts";
import { freePort, launch, REPOSITORY, until } from "./launch.ts";
import { runOstiary, startExample, startOstiary } from "./start-ostiary.ts";
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

describe("four APIs in processes of their own, with a guard each", () => {
  let auth: RunningServer;
  let apis: string[];
  beforeAll(async () => {
    auth = await startOstiary();
    const created = await runOstiary(["clients", "create", "apis", "--guard", "--json"], auth);
    const { clientId, clientSecret } = JSON.parse(created) as Record<"clientId" | "clientSecret", string>;
    apis = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const port = await freePort();
        const env = { ISSUER: auth.issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, PORT: String(port) };
        await launch(process.execPath, [join(REPOSITORY, "e2e/guarded-api.ts")], { env }).says(/Listening/);
        return `http://localhost:${port}`;
      }),
    );
    for (const url of apis) await until(`${url} is connected`, async () => (await guardOf(url)).connected);
  });

  it("each refuse who has signed out, and go on serving the others", async () => {
    const [gone, other] = [await signup(auth.issuer, "ada@example.com"), await signup(auth.issuer, "grace@example.com")];
    expect(await said(gone)).toEqual(["200", "200", "200", "200"]);
    expect((await call("POST", `${auth.issuer}/logout`, { bearer: gone.accessToken })).status).toBe(204);
    for (const url of apis) {
      await until(`${url} refuses`, async () => (await get(`${url}/hello`, gone.accessToken)).status === 401);
    }
    expect(await said(gone)).toEqual(Array(4).fill("401 session_revoked"));
    expect(await said(other)).toEqual(["200", "200", "200", "200"]);
  });

  it("each learn of what the command line does", async () => {
    const stale = await signup(auth.issuer, "roles@example.com");
    await runOstiary(["users", "set-role", "roles@example.com", "admin"], auth);
    for (const url of apis) {
      await until(`${url} refuses`, async () => (await get(`${url}/hello`, stale.accessToken)).status === 401);
    }
    expect(await said(stale)).toEqual(Array(4).fill("401 token_stale"));
    expect(await said((await refresh(auth.issuer, stale.refreshToken)).body)).toEqual(["200", "200", "200", "200"]);
  });

  it("each fail closed when the server is gone for longer than they may be stale, and recover when it is back", async () => {
    const tokens = await signup(auth.issuer, "outage@example.com");
    expect(await said(tokens)).toEqual(["200", "200", "200", "200"]);
    await auth.kill();
    for (const url of apis) {
      await until(`${url} is stale`, async () => (await get(`${url}/hello`, tokens.accessToken)).status === 503);
    }
    const refused = await get(`${apis[0]}/hello`, tokens.accessToken);
    expect([refused.body.error, refused.body.reason]).toEqual(["unavailable", "revocation_feed_stale"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    auth = await startOstiary({ folder: auth.folder, port: auth.port });
    for (const url of apis) {
      await until(`${url} recovers`, async () => (await get(`${url}/hello`, tokens.accessToken)).status === 200);
    }
  });

  function said(tokens: Pick<Tokens, "accessToken">): Promise<string[]> {
    return Promise.all(apis.map(async (url) => outcome(await get(`${url}/hello`, tokens.accessToken))));
  }

  async function guardOf(url: string): Promise<GuardStatus> {
    return (await get<GuardStatus>(`${url}/guard`)).body;
  }
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
