import { describe, expect, it } from "vitest";
import {
  DAY,
  MINUTE,
  TestClient,
  auditTypes,
  refusal,
  startSignedIn,
  startTestServer,
} from "../../../../test/test-server.ts";

const revoked = { status: 401, error: "invalid_token", reason: "session_revoked" };

describe("POST /logout", () => {
  it("204 by cookie: the session and its access tokens end at once, and the cookies go", async () => {
    const { server, client, tokens } = await startSignedIn();
    const copy = client.copy();
    const answer = await client.call("POST", "/logout", { headers: { "x-csrf-token": tokens.csrfToken } });

    expect(answer.status).toBe(204);
    expect(answer.body).toBeNull();
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);
    expect(refusal(await client.me(tokens.accessToken))).toEqual(revoked);
    expect(refusal(await copy.refresh())).toEqual(revoked);
    expect((await auditTypes(server)).at(-1)).toBe("logout");
  });

  it("204: a copied cookie is good for nothing afterwards, at the server and not only in the browser", async () => {
    const { client } = await startSignedIn();
    const thief = client.copy();
    await client.call("POST", "/logout", { headers: { "x-csrf-token": client.jar.get("ostiary_csrf") ?? "" } });
    expect(refusal(await thief.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    expect((await thief.call("GET", "/csrf")).status).toBe(401);
  });

  it("401 for a cookie that nobody can read, which goes with all others, so that it is not in the way for ever", async () => {
    const { client } = await startSignedIn();
    client.jar.set("ostiary_refresh", "junk");
    const headers = { "x-csrf-token": client.jar.get("ostiary_csrf") ?? "" };
    expect(refusal(await client.call("POST", "/logout", { headers }))).toMatchObject({ status: 401, error: "invalid_token" });
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);
  });

  it("204 by refresh token in the body, whatever its generation", async () => {
    const { server, client, tokens } = await startSignedIn({}, { delivery: "body" });
    const next = await client.refresh(tokens.refreshToken);
    server.time.now += MINUTE;
    const answer = await client.call("POST", "/logout", { body: { refreshToken: tokens.refreshToken } });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(refusal(await client.refresh(next.body.refreshToken))).toEqual(revoked);
    expect(refusal(await client.me(next.body.accessToken))).toEqual(revoked);
  });

  it("204 by access token: its session ends, others go on", async () => {
    const { server, client, tokens } = await startSignedIn();
    const other = await new TestClient(server).login();
    const answer = await client.call("POST", "/logout", { bearer: tokens.accessToken });
    expect(answer.status).toBe(204);
    expect(client.jar.has("ostiary_refresh")).toBe(false);
    expect(refusal(await client.me(tokens.accessToken))).toEqual(revoked);
    expect((await client.me(other.accessToken)).status).toBe(200);
  });

  it("204 by cookie beside credentials of another scheme, which a proxy asked for", async () => {
    const { client, tokens } = await startSignedIn();
    const headers = { authorization: "Basic c3RhZ2luZzpkb29y", "x-csrf-token": tokens.csrfToken };
    expect((await client.call("POST", "/logout", { headers })).status).toBe(204);
    expect(refusal(await client.me(tokens.accessToken))).toEqual(revoked);
  });

  it("204 again: signing out of a session that has ended is no error, and appends nothing", async () => {
    const { server, client, tokens } = await startSignedIn();
    const copy = client.copy();
    const headers = { "x-csrf-token": tokens.csrfToken };
    await client.call("POST", "/logout", { headers });
    expect((await copy.call("POST", "/logout", { headers })).status).toBe(204);
    expect(copy.jar.has("ostiary_refresh")).toBe(false);
    expect((await auditTypes(server)).filter((type) => type === "logout")).toHaveLength(1);
  });

  it("204: an expired session can be signed out of", async () => {
    const { server, client, tokens } = await startSignedIn();
    server.time.now += 31 * DAY;
    const answer = await client.call("POST", "/logout", { headers: { "x-csrf-token": tokens.csrfToken } });
    expect(answer.status).toBe(204);
    expect(client.jar.has("ostiary_refresh")).toBe(false);
  });

  it("401 missing_token: nothing names a session", async () => {
    const answer = await new TestClient(await startTestServer()).call("POST", "/logout");
    expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
  });

  it("401 invalid_token: a refused token ends nothing, whichever way it comes", async () => {
    const { client, tokens } = await startSignedIn();
    const headers = { "x-csrf-token": tokens.csrfToken };
    expect(refusal(await client.call("POST", "/logout", { body: { refreshToken: "x" }, headers }))).toMatchObject({
      status: 401,
      reason: "token_malformed",
    });
    expect(refusal(await client.call("POST", "/logout", { bearer: "x", headers }))).toMatchObject({
      status: 401,
      reason: "token_malformed",
    });
    expect((await client.refresh()).status).toBe(200);
  });

  it("403 csrf_failed: the cookie alone signs nobody out, and the cookies stay", async () => {
    const { client, tokens } = await startSignedIn();
    const answer = await client.call("POST", "/logout");
    expect(refusal(answer)).toEqual({ status: 403, error: "csrf_failed" });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await client.me(tokens.accessToken)).status).toBe(200);
  });
});
