import { describe, expect, it } from "vitest";
import { ISSUER, ORIGIN, TestClient, refusal, startSignedIn, startTestServer } from "../../test/test-server.ts";

/** Every path of the contract, and the methods it takes. */
const PATHS: [string, string][] = [
  ["/signup", "POST"],
  ["/login", "POST"],
  ["/refresh", "POST"],
  ["/logout", "POST"],
  ["/logout-all", "POST"],
  ["/me", "GET, PATCH, HEAD"],
  ["/password", "POST"],
  ["/sessions", "GET, HEAD"],
  ["/sessions/0", "DELETE"],
  ["/csrf", "GET, HEAD"],
  ["/.well-known/jwks.json", "GET, HEAD"],
  ["/.well-known/openid-configuration", "GET, HEAD"],
  ["/revocations", "GET, HEAD"],
  ["/oauth/introspect", "POST"],
  ["/oauth/revoke", "POST"],
  ["/openapi.json", "GET, HEAD"],
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PROPFIND", "get"];

describe("405 method_not_allowed, with what is allowed", () => {
  it.each(PATHS)("%s takes %s", async (path, allow) => {
    const client = new TestClient(await startTestServer());
    for (const method of METHODS) {
      const known = allow.split(", ").includes(method === "get" ? "GET" : method);
      const answer = await client.call(method, path);
      if (known) {
        expect(answer.status).not.toBe(405);
        continue;
      }
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe(allow);
      expect(answer.headers.get("content-type")).toBe("application/json");
      if (method !== "HEAD") expect(refusal(answer)).toEqual({ status: 405, error: "method_not_allowed" });
    }
  });
});

describe("404 not_found, in JSON", () => {
  it.each([
    "",
    "/",
    "/nope",
    "/login/",
    "//login",
    "/LOGIN",
    "/login/x",
    "/login%2f",
    "/login;x=y",
    "/sessions/",
    "/sessions/a/b",
    "/.well-known/jwks",
    "/%",
    "/%ff%fe",
    "/%00",
    "/\u{1F9EE}",
    "/__proto__",
    "/constructor",
    "/toString",
    `/${"x".repeat(20_000)}`,
  ])("%s", async (path) => {
    const client = new TestClient(await startTestServer());
    for (const method of ["GET", "POST", "DELETE"]) {
      const answer = await client.call(method, path);
      expect(refusal(answer)).toEqual({ status: 404, error: "not_found" });
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });

  it("outside the issuer's path, and for other spellings of it", async () => {
    const { fetch } = await startTestServer();
    const client = new TestClient({ fetch, issuer: ORIGIN });
    for (const path of ["/", "/login", "/authx/login", "/Auth/login", "/%61uth/nope", "/auth/../login"]) {
      expect(refusal(await client.call("POST", path))).toEqual({ status: 404, error: "not_found" });
    }
  });
});

describe("HEAD", () => {
  it("answers as GET does, without a body", async () => {
    const { server, client, tokens } = await startSignedIn();
    for (const path of ["/me", "/sessions", "/.well-known/jwks.json", "/openapi.json"]) {
      const headers = { authorization: `Bearer ${tokens.accessToken}` };
      const request = (method: string) => server.fetch(new Request(ISSUER + path, { method, headers }));
      const [get, head] = [await request("GET"), await request("HEAD")];
      expect(head.status).toBe(200);
      expect([...head.headers]).toEqual([...get.headers]);
      expect(await head.text()).toBe("");
    }
    expect((await client.call("HEAD", "/me")).status).toBe(401);
  });
});

describe("Cache-Control", () => {
  it("no-store on everything with a token or a person in it", async () => {
    const { client, tokens } = await startSignedIn({}, { delivery: "body" });
    const bearer = tokens.accessToken;
    const answers = [
      await client.call("POST", "/login", { body: { email: "ada@example.com", password: "wrong" } }),
      await client.call("PATCH", "/me", { bearer, body: { name: "Ada" } }),
      await client.call("GET", "/me", { bearer }),
      await client.call("GET", "/me"),
      await client.call("GET", "/sessions", { bearer }),
      await client.refresh(tokens.refreshToken),
      await client.refresh("nonsense"),
      await client.call("POST", "/logout", { bearer }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 200, 401, 200, 200, 401, 204]);
    for (const { headers } of answers) expect(headers.get("cache-control")).toBe("no-store");
  });
});
