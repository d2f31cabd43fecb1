import { describe, expect, it } from "vitest";
import {
  ANY_TEXT,
  DAY,
  MINUTE,
  ORIGIN,
  SECOND,
  TestClient,
  auditTypes,
  refusal,
  startSignedIn,
  startTestServer,
} from "../../../../test/test-server.ts";

describe("POST /refresh", () => {
  it("200 by cookie: the same shape as login, and the next token in the cookie", async () => {
    const { client, tokens } = await startSignedIn();
    const before = client.jar.get("ostiary_refresh");
    const answer = await client.refresh();

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      accessToken: ANY_TEXT,
      tokenType: "Bearer",
      expiresIn: 900,
      csrfToken: tokens.csrfToken,
      user: tokens.user,
    });
    expect(answer.body.accessToken).not.toBe(tokens.accessToken);
    expect(client.jar.get("ostiary_refresh")).not.toBe(before);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("200 by body: the next token in the body, and no cookie, even if the request has some", async () => {
    const { server, client } = await startSignedIn();
    const { refreshToken, user } = await new TestClient(server).login("ada@example.com", { delivery: "body" });
    const answer = await client.refresh(refreshToken);

    expect(answer.status).toBe(200);
    expect(answer.body.refreshToken).not.toBe(refreshToken);
    expect(answer.body.user).toEqual(user);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("200: a token that was delivered by cookie may come in the body, and is answered there", async () => {
    const { server, client } = await startSignedIn();
    const answer = await new TestClient(server).refresh(client.jar.get("ostiary_refresh"));
    expect(answer.body.refreshToken).toEqual(expect.any(String));
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it.each([["no body"], ["{}"]])("200 by cookie with %s", async (body) => {
    const { client, tokens } = await startSignedIn();
    const headers = { "x-csrf-token": tokens.csrfToken };
    const answer = await client.call("POST", "/refresh", body === "{}" ? { body, headers } : { headers });
    expect(answer.status).toBe(200);
  });

  it("200: the refresh cookie lasts as long as the session, idle or absolute", async () => {
    const { server, client } = await startSignedIn({ refreshTokenTtl: "7d", sessionTtl: "10d" });
    server.time.now += 5 * DAY;
    const { headers } = await client.refresh();
    expect(headers.getSetCookie()[0]).toContain(`Max-Age=${(5 * DAY) / SECOND};`);
  });

  it("400 invalid_field: an Idempotency-Key of the wrong form", async () => {
    const { client } = await startSignedIn();
    for (const key of ["", "short", "k".repeat(15), "k".repeat(256), `${"k".repeat(16)} k`, `${"k".repeat(16)}\u00e9`]) {
      const answer = await client.refresh(undefined, { "idempotency-key": key });
      expect(refusal(answer)).toEqual({
        status: 400,
        error: "invalid_request",
        reason: "invalid_field",
        field: "Idempotency-Key",
      });
    }
    expect((await client.refresh(undefined, { "idempotency-key": "k".repeat(255) })).status).toBe(200);
  });

  it("401 missing_token: neither cookie nor body", async () => {
    const answer = await new TestClient(await startTestServer()).call("POST", "/refresh");
    expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("401 token_malformed: what is no token, by cookie or body; the cookie stays", async () => {
    const { client } = await startSignedIn();
    const expected = { status: 401, error: "invalid_token", reason: "token_malformed" };
    const answer = await client.refresh("nonsense");
    expect(refusal(answer)).toEqual(expected);
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');

    client.jar.set("ostiary_refresh", "nonsense");
    const byCookie = await client.refresh();
    expect(refusal(byCookie)).toEqual(expected);
    expect(byCookie.headers.getSetCookie()).toEqual([]);
  });

  it("401 session_revoked: the session was ended, and the cookies go, but for the browser's name", async () => {
    const { server, client, tokens } = await startSignedIn();
    await server.sessions.revokeAll(tokens.user.id);
    const answer = await client.refresh();
    expect(refusal(answer)).toEqual({ status: 401, error: "invalid_token", reason: "session_revoked" });
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);
  });

  it("401 session_expired: idle for too long; the cookies go", async () => {
    const { server, client } = await startSignedIn();
    server.time.now += 7 * DAY;
    const answer = await client.refresh();
    expect(refusal(answer)).toEqual({ status: 401, error: "invalid_token", reason: "session_expired" });
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);
  });

  it("401 refresh_token_reused: after the grace; the cookies go, the session and its access tokens are dead", async () => {
    const { server, client, tokens } = await startSignedIn({}, { delivery: "body" });
    const r1 = await client.refresh(tokens.refreshToken);
    server.time.now += MINUTE;
    const reused = await client.refresh(tokens.refreshToken);
    expect(refusal(reused)).toEqual({ status: 401, error: "invalid_token", reason: "refresh_token_reused" });
    expect(refusal(await client.refresh(r1.body.refreshToken))).toMatchObject({ reason: "refresh_token_reused" });
    expect(refusal(await client.me(r1.body.accessToken))).toMatchObject({ reason: "session_revoked" });
    expect(await auditTypes(server)).toEqual(["user_created", "signup", "refresh", "refresh_token_reused"]);
  });

  it("403 csrf_failed: the cookie without its CSRF token; nothing rotates, and the cookies stay", async () => {
    const { server, client } = await startSignedIn();
    const answer = await client.call("POST", "/refresh");
    expect(refusal(answer)).toEqual({ status: 403, error: "csrf_failed" });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await auditTypes(server)).not.toContain("refresh");
    expect((await client.refresh(undefined, { origin: ORIGIN })).status).toBe(200);
  });
});
