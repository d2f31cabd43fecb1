import { describe, expect, it } from "vitest";
import { ISSUER, ORIGIN, TestClient, startSignedIn, startTestServer } from "../../test/test-server.ts";

const APP = "https://app.example";
const corsHeaders = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));

async function preflight(origin: string, more: Record<string, string> = {}) {
  const client = new TestClient(await startTestServer({ allowedOrigins: [APP] }));
  const headers = { origin, "access-control-request-method": "POST", ...more };
  return client.call("OPTIONS", "/refresh", { headers });
}

describe("CORS answers exactly the allowed origins", () => {
  it("a preflight of an allowed origin learns what it may send", async () => {
    const { status, headers, body } = await preflight(APP, {
      "access-control-request-headers": "authorization,content-type,idempotency-key,x-csrf-token",
    });
    expect(status).toBe(204);
    expect(body).toBeNull();
    expect(corsHeaders(headers)).toEqual({
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, POST, PATCH, DELETE",
      "access-control-allow-headers": "Authorization, Content-Type, X-CSRF-Token, Idempotency-Key, DPoP",
      "access-control-max-age": "600",
    });
    expect(headers.get("vary")).toBe("Origin");
  });

  it.each(["https://evil.example", "null", "http://app.example", `${APP}.evil.example`, "*", APP.toUpperCase(), ""])(
    "a preflight of %j learns nothing, but that answers differ by origin",
    async (origin) => {
      const { status, headers } = await preflight(origin);
      expect(status).toBe(405);
      expect(corsHeaders(headers)).toEqual({});
      expect(headers.get("vary")).toBe("Origin");
    },
  );

  it("an answer to an allowed origin can be read, credentials and all, with the headers that matter", async () => {
    const { client, tokens } = await startSignedIn({ allowedOrigins: [APP] });
    for (const origin of [APP, ORIGIN]) {
      const { headers } = await client.call("GET", "/me", { bearer: tokens.accessToken, headers: { origin } });
      expect(corsHeaders(headers)).toEqual({
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, DPoP-Nonce, Date",
      });
      expect(headers.get("vary")).toBe("Origin");
    }
  });

  it("an answer to another origin, or to none, carries no CORS header, and varies all the same", async () => {
    const { client, tokens } = await startSignedIn();
    for (const headers of [{}, { origin: APP }, { origin: "null" }]) {
      const answer = await client.call("GET", "/me", { bearer: tokens.accessToken, headers: { ...headers } });
      expect(answer.status).toBe(200);
      expect(corsHeaders(answer.headers)).toEqual({});
      expect(answer.headers.get("vary")).toBe("Origin");
    }
  });

  it.each([
    ["GET", "/me", 401],
    ["POST", "/login", 415],
    ["POST", "/refresh", 401],
    ["DELETE", "/sessions/x", 401],
    ["PUT", "/me", 405],
    ["GET", "/nothing-here", 404],
  ])("errors can be read as well: %s %s, %i", async (method, path, status) => {
    const client = new TestClient(await startTestServer({ allowedOrigins: [APP] }));
    const answer = await client.call(method, path, { headers: { origin: APP } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("access-control-allow-origin")).toBe(APP);
    expect(answer.headers.get("access-control-expose-headers")).toBe("Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, DPoP-Nonce, Date");
  });

  it("a 503 can be read as well", async () => {
    const server = await startTestServer({ allowedOrigins: [APP] });
    await server.close();
    const answer = await new TestClient(server).call("POST", "/login", {
      body: { email: "ada@example.com", password: "x" },
      headers: { origin: APP },
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("access-control-allow-origin")).toBe(APP);
  });
});

describe("where no cookie counts, every page may call", () => {
  it("an answer can be read by everyone, without credentials, and is the same for all", async () => {
    const client = new TestClient(await startTestServer({ allowedOrigins: [APP] }));
    for (const headers of [{}, { origin: APP }, { origin: "https://anyone.example" }, { origin: "null" }]) {
      const answer = await client.call("GET", "/.well-known/jwks.json", { headers: { ...headers } });
      expect(answer.status).toBe(200);
      expect(corsHeaders(answer.headers)).toEqual({
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, DPoP-Nonce, Date",
      });
      expect(answer.headers.get("vary")).toBeNull();
    }
  });

  it("a preflight from anywhere learns what may be sent", async () => {
    const client = new TestClient(await startTestServer());
    const headers = { origin: "https://anyone.example", "access-control-request-method": "GET" };
    const answer = await client.call("OPTIONS", "/.well-known/jwks.json", { headers });
    expect(answer.status).toBe(204);
    expect(corsHeaders(answer.headers)).toEqual({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, DPoP",
      "access-control-max-age": "600",
    });
  });
});

describe("what a page says, and the tokens in its forms, are for no script of another origin", () => {
  it.each(["/sign-in", "/sign-in/with/google", "/sign-in/with/google/callback", "/pages/style.css"])("%s", async (path) => {
    const { fetch } = await startTestServer({ allowedOrigins: [APP] });
    const ask = (method: string) =>
      fetch(new Request(ISSUER + path, { method, headers: { origin: APP, "access-control-request-method": "POST" } }));
    expect(corsHeaders((await ask("GET")).headers)).toEqual({});
    const refused = await ask("OPTIONS");
    expect(refused.status).toBe(405);
    expect(corsHeaders(refused.headers)).toEqual({});
  });
});
