import { expect, it } from "vitest";
import { startTestServer, TestClient } from "../../test/test-server.ts";

it.each([
  ["GET", "/.well-known/jwks.json", 200],
  ["GET", "/me", 401],
  ["GET", "/nowhere", 404],
  ["PUT", "/login", 405],
  ["POST", "/login", 400],
  ["OPTIONS", "/login", 204],
])("every answer says how browsers are to treat it: %s %s", async (method, path, status) => {
  const server = await startTestServer({ issuer: "https://id.example/auth" });
  const preflight = { origin: "https://id.example", "access-control-request-method": "POST" };
  const options = method === "OPTIONS" ? { headers: preflight } : method === "GET" ? {} : { body: {} };
  const answer = await new TestClient(server).call(method, path, options);
  expect(answer.status).toBe(status);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
  });
});

it("http is not told to be https", async () => {
  const server = await startTestServer();
  const { headers } = await new TestClient(server).call("GET", "/me");
  expect(headers.has("strict-transport-security")).toBe(false);
});
