import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import {
  ANY_TEXT,
  DAY,
  PASSWORD,
  START,
  TestClient,
  auditTypes,
  refusal,
  startSignedIn,
} from "../../../../test/test-server.ts";

const ada = { email: "ada@example.com", password: PASSWORD };

describe("POST /login", () => {
  it("200: a new session, delivered in a cookie", async () => {
    const { server, tokens } = await startSignedIn();
    const client = new TestClient(server);
    const answer = await client.call("POST", "/login", { body: ada });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      accessToken: ANY_TEXT,
      tokenType: "Bearer",
      expiresIn: 900,
      csrfToken: client.jar.get("ostiary_csrf"),
      user: tokens.user,
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(2);
    expect(await auditTypes(server)).toEqual(["user_created", "signup", "login"]);
  });

  it("200 with delivery body: the refresh token stands in the body, and no cookie is set", async () => {
    const { client } = await startSignedIn();
    const { status, headers, body } = await client.call<TokenResponse>("POST", "/login", {
      body: { ...ada, delivery: "body" },
    });
    expect(status).toBe(200);
    expect(body.refreshToken).toEqual(expect.any(String));
    expect(headers.getSetCookie()).toEqual([]);
  });

  it("200: the browser keeps its device cookie, another browser gets its own", async () => {
    const { server, client } = await startSignedIn();
    const device = client.jar.get("ostiary_device");
    await client.login();
    expect(client.jar.get("ostiary_device")).toBe(device);
    const other = new TestClient(server);
    await other.login();
    expect(other.jar.get("ostiary_device")).toMatch(/^[\w-]{43}$/);
    expect(other.jar.get("ostiary_device")).not.toBe(device);
  });

  it("200: a device cookie of another form is replaced, not kept", async () => {
    const { server } = await startSignedIn();
    const client = new TestClient(server);
    client.jar.set("ostiary_device", "chosen-by-someone-else");
    await client.login();
    expect(client.jar.get("ostiary_device")).toMatch(/^[\w-]{43}$/);
  });

  it("200: remember lasts as long as the setting says, whatever the use", async () => {
    const { server, client, tokens } = await startSignedIn({ rememberTtl: "90d" });
    client.jar.clear();
    const remembered = await client.call("POST", "/login", { body: { ...ada, remember: true } });
    expect(remembered.headers.getSetCookie()[0]).toContain(`Max-Age=${(90 * DAY) / 1000};`);
    const sessions = await server.sessions.list(tokens.user.id);
    expect(sessions.map(({ remember, expiresAt }) => [remember, (expiresAt - START) / DAY])).toEqual([
      [true, 90],
      [false, 7],
    ]);
  });

  it("200: a session may last longer than browsers keep cookies", async () => {
    const { client } = await startSignedIn({ rememberTtl: "1000d" });
    const answer = await client.call("POST", "/login", { body: { ...ada, remember: true } });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()[0]).toContain("Max-Age=34560000;");
  });

  it("401 invalid_credentials: unknown user, wrong password and disabled user get the very same answer", async () => {
    const { server, client, tokens } = await startSignedIn();
    await client.signup("off@example.com");
    const off = await server.users.findByEmail("off@example.com");
    await server.users.disable(off!.id);

    const attempts = [
      { email: "nobody@example.com", password: PASSWORD },
      { email: "ada@example.com", password: `${PASSWORD}r` },
      { email: "off@example.com", password: PASSWORD },
      { email: "off@example.com", password: "wrong" },
    ];
    const stranger = new TestClient(server);
    const answers = await Promise.all(attempts.map((body) => stranger.call("POST", "/login", { body })));
    for (const answer of answers) {
      expect(refusal(answer)).toEqual({ status: 401, error: "invalid_credentials" });
      expect(answer.body).toEqual(answers[0]?.body);
      expect([...answer.headers]).toEqual([...answers[0]!.headers]);
    }
    expect(Object.fromEntries(answers[0]!.headers)).toEqual({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "content-type": "application/json",
      vary: "Origin",
      "www-authenticate": "Bearer",
    });
    const failures = await server.audit.list({ limit: 4 });
    expect(failures.map(({ type, detail }) => `${type}: ${String(detail["why"])}`).toSorted()).toEqual([
      "login_failed: unknown_email",
      "login_failed: user_disabled",
      "login_failed: wrong_password",
      "login_failed: wrong_password",
    ]);
    expect(JSON.stringify(failures)).not.toContain(PASSWORD);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
  });

  it("403 csrf_failed: a page of another origin cannot sign its visitor in", async () => {
    const { server } = await startSignedIn();
    const client = new TestClient(server);
    const cases = [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }];
    for (const headers of cases) {
      const answer = await client.call("POST", "/login", { body: ada, headers });
      expect(refusal(answer)).toEqual({ status: 403, error: "csrf_failed" });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });
});
