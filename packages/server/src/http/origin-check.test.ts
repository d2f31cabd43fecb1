import { describe, expect, it } from "vitest";
import { ORIGIN, PASSWORD, TestClient, refusal, startSignedIn, startTestServer } from "../../test/test-server.ts";

const APP = "https://app.example";
const csrfFailed = { status: 403, error: "csrf_failed" };

/** What acts on the strength of a cookie. */
const BY_COOKIE = ["/refresh", "/logout"];

describe.each(BY_COOKIE)("POST %s on the strength of a cookie", (path) => {
  /** Sends it with the given headers; "own" stands for the session's CSRF token. */
  async function send(headers: Record<string, string>): Promise<Record<string, unknown>> {
    const { client, tokens } = await startSignedIn({ allowedOrigins: [APP] });
    if (headers["x-csrf-token"] === "own") headers["x-csrf-token"] = tokens.csrfToken;
    const answer = await client.call("POST", path, { headers });
    return answer.status < 300 ? { status: "done" } : refusal(answer);
  }
  const done = { status: "done" };

  it.each<[string, Record<string, string>, Record<string, unknown>]>([
    ["an allowed origin with the session's CSRF token passes", { origin: APP, "x-csrf-token": "own" }, done],
    ["the issuer's own origin is allowed by default", { origin: ORIGIN, "x-csrf-token": "own" }, done],
    ["an allowed origin without the token is refused", { origin: APP }, csrfFailed],
    ["a same-origin page the browser vouches for needs no token", { origin: ORIGIN, "sec-fetch-site": "same-origin" }, done],
    ["same-site is no voucher", { origin: APP, "sec-fetch-site": "same-site" }, csrfFailed],
    ["same-site with the token passes", { origin: APP, "sec-fetch-site": "same-site", "x-csrf-token": "own" }, done],
    ["`none` is no voucher", { origin: ORIGIN, "sec-fetch-site": "none" }, csrfFailed],
    ["an unknown value is no voucher", { origin: ORIGIN, "sec-fetch-site": "same-origin, cross-site" }, csrfFailed],
    ["cross-site is refused, token or not", { origin: APP, "sec-fetch-site": "cross-site", "x-csrf-token": "own" }, csrfFailed],
    ["cross-site without Origin is refused", { "sec-fetch-site": "cross-site", "x-csrf-token": "own" }, csrfFailed],
    ["a foreign origin is refused, token or not", { origin: "https://evil.example", "x-csrf-token": "own" }, csrfFailed],
    [
      "a foreign origin is refused, vouched for or not",
      { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
      csrfFailed,
    ],
    ["origin null is refused", { origin: "null", "x-csrf-token": "own" }, csrfFailed],
    ["an empty origin is refused", { origin: "", "x-csrf-token": "own" }, csrfFailed],
    ["an origin compares exactly: scheme", { origin: "http://app.example", "x-csrf-token": "own" }, csrfFailed],
    ["an origin compares exactly: port", { origin: `${APP}:8443`, "x-csrf-token": "own" }, csrfFailed],
    ["an origin compares exactly: subdomain", { origin: "https://x.app.example", "x-csrf-token": "own" }, csrfFailed],
    ["an origin compares exactly: suffix", { origin: `${APP}.evil.example`, "x-csrf-token": "own" }, csrfFailed],
    ["without an Origin the token alone decides: right", { "x-csrf-token": "own" }, done],
    ["without an Origin the token alone decides: missing", {}, csrfFailed],
    ["without an Origin the browser's word is not taken", { "sec-fetch-site": "same-origin" }, csrfFailed],
    ["an empty token is refused", { "x-csrf-token": "" }, csrfFailed],
    ["a token of the right length is not the right token", { "x-csrf-token": "A".repeat(43) }, csrfFailed],
    ["a token is taken whole", { "x-csrf-token": "own, own" }, csrfFailed],
    ["a Referer says nothing", { referer: `${ORIGIN}/auth` }, csrfFailed],
  ])("%s", async (_, headers, expected) => {
    expect(await send({ ...headers })).toEqual(expected);
  });

  it("the token is bound to its session: another session's is refused, of the same user or not", async () => {
    const { server, client } = await startSignedIn();
    const others = await Promise.all([
      new TestClient(server).login(),
      new TestClient(server).signup("grace@example.com"),
    ]);
    for (const { csrfToken } of others) {
      const answer = await client.call("POST", path, { headers: { "x-csrf-token": csrfToken } });
      expect(refusal(answer)).toEqual(csrfFailed);
    }
  });

  it("the token in the body proves itself: no origin matters", async () => {
    const { server, client } = await startSignedIn();
    const { refreshToken } = await new TestClient(server).login("ada@example.com", { delivery: "body" });
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const answer = await client.call("POST", path, { body: { refreshToken }, headers });
    expect(answer.status).toBeLessThan(300);
  });
});

describe("two tabs of one browser", () => {
  it("share the CSRF token: each refreshes with the one it has read", async () => {
    const { client, tokens } = await startSignedIn();
    const other = client.copy();
    expect((await client.refresh()).status).toBe(200);
    other.jar.set("ostiary_refresh", client.jar.get("ostiary_refresh")!);
    expect((await other.refresh(undefined, { "x-csrf-token": tokens.csrfToken })).status).toBe(200);
  });
});

describe("requests that carry their token in a header need none of this", () => {
  it("by access token, from anywhere", async () => {
    const { server, tokens } = await startSignedIn();
    const client = new TestClient(server);
    const bearer = tokens.accessToken;
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const calls: [string, string, unknown?][] = [
      ["GET", "/me"],
      ["PATCH", "/me", { name: "Ada" }],
      ["GET", "/sessions"],
      ["POST", "/logout"],
    ];
    for (const [method, path, body] of calls) {
      const answer = await client.call(method, path, body === undefined ? { bearer, headers } : { bearer, headers, body });
      expect(answer.status).toBeLessThan(300);
    }
  });
});

describe.each(["/login", "/signup"])("POST %s", (path) => {
  it.each([
    [{ origin: "https://evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ origin: APP }, 200],
    [{ origin: ORIGIN }, 200],
    [{}, 200],
  ])("with %j: %i", async (headers: Record<string, string>, expected) => {
    const server = await startTestServer({ allowedOrigins: [APP] });
    if (path === "/login") await server.users.create({ email: "ada@example.com", password: PASSWORD });
    const body = { email: "ada@example.com", password: PASSWORD };
    const { status } = await new TestClient(server).call("POST", path, { body, headers });
    expect(status === 201 ? 200 : status).toBe(expected);
  });
});
