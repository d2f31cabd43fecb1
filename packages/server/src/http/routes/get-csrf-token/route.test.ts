import { describe, expect, it } from "vitest";
import { DAY, ORIGIN, TestClient, refusal, startSignedIn, startTestServer } from "../../../../test/test-server.ts";

describe("GET /csrf", () => {
  it("200: the token of the cookie's session, to allowed origins, and nothing changes", async () => {
    const { client, tokens } = await startSignedIn({ allowedOrigins: ["https://app.example"] });
    for (const headers of [{}, { origin: ORIGIN }, { origin: "https://app.example", "sec-fetch-site": "same-site" }]) {
      const answer = await client.call("GET", "/csrf", { headers });
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ csrfToken: tokens.csrfToken });
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it("401 missing_token: no cookie, whatever the access token", async () => {
    const { server, tokens } = await startSignedIn();
    const answer = await new TestClient(server).call("GET", "/csrf", { bearer: tokens.accessToken });
    expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
    const nobody = await new TestClient(await startTestServer()).call("GET", "/csrf");
    expect(refusal(nobody)).toEqual({ status: 401, error: "missing_token" });
  });

  it("401 session_revoked and session_expired: the session has ended", async () => {
    const { server, client, tokens } = await startSignedIn();
    const other = new TestClient(server);
    await other.login();
    await client.call("POST", "/logout", { bearer: tokens.accessToken, headers: { cookie: "" } });
    expect(refusal(await client.call("GET", "/csrf"))).toMatchObject({ status: 401, reason: "session_revoked" });
    server.time.now += 8 * DAY;
    expect(refusal(await other.call("GET", "/csrf"))).toMatchObject({ status: 401, reason: "session_expired" });
  });

  it("401 token_malformed and signature_invalid: the cookie is not ours", async () => {
    const { client } = await startSignedIn();
    const token = client.jar.get("ostiary_refresh")!;
    client.jar.set("ostiary_refresh", "x");
    expect(refusal(await client.call("GET", "/csrf"))).toMatchObject({ status: 401, reason: "token_malformed" });
    client.jar.set("ostiary_refresh", token.replace(/[^.]{4}$/, "AAAA"));
    expect(refusal(await client.call("GET", "/csrf"))).toMatchObject({ status: 401, reason: "signature_invalid" });
  });

  it("403 csrf_failed: nor, as a refresh, where another host of the same site has put a session of its own before", async () => {
    const { server, client } = await startSignedIn();
    const mallory = new TestClient(server);
    await mallory.signup("mallory@example.com");
    // Its CSRF token can be put there as well.
    const csrf = mallory.jar.get("ostiary_csrf") ?? "";
    const planted = {
      "x-csrf-token": csrf,
      cookie: `ostiary_refresh=${mallory.jar.get("ostiary_refresh")}; ${client.cookies()}`,
    };
    for (const [method, path] of [["GET", "/csrf"], ["POST", "/refresh"]] as const) {
      expect(refusal(await client.call(method, path, { headers: planted }))).toEqual({ status: 403, error: "csrf_failed" });
    }
    expect((await client.refresh()).status).toBe(200);
  });

  it("403 csrf_failed: to no other origin", async () => {
    const { client } = await startSignedIn();
    for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]) {
      expect(refusal(await client.call("GET", "/csrf", { headers }))).toEqual({ status: 403, error: "csrf_failed" });
    }
  });
});
