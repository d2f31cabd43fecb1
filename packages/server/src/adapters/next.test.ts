import { expect, it, onTestFinished, vi } from "vitest";
import { ISSUER, ORIGIN, startTestServer } from "../../test/test-server.ts";
import { keepOstiary, toNext } from "./next.ts";

it("hands every method to the server, bodies, cookies and preflights included", async () => {
  const app = "https://app.example";
  const { GET, HEAD, POST, PATCH, OPTIONS } = toNext(await startTestServer({ allowedOrigins: [app] }));
  expect((await GET(new Request(`${ISSUER}/.well-known/jwks.json`))).status).toBe(200);
  const head = await HEAD(new Request(`${ISSUER}/sign-in`, { method: "HEAD" }));
  expect([head.status, await head.text()]).toEqual([200, ""]);
  const body = JSON.stringify({ email: "ada@example.com", password: "correct horse battery staple" });
  const headers = { "content-type": "application/json", origin: ORIGIN };
  const signup = await POST(new Request(`${ISSUER}/signup`, { method: "POST", headers, body }));
  expect([signup.status, signup.headers.getSetCookie().length]).toEqual([201, 4]);
  expect((await PATCH(new Request(`${ISSUER}/me`, { method: "PATCH", headers, body: "{}" }))).status).toBe(401);
  const preflight = { method: "OPTIONS", headers: { origin: app, "access-control-request-method": "POST" } };
  const allowed = await OPTIONS(new Request(`${ISSUER}/login`, preflight));
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([204, app]);
});

it("believes X-Forwarded-For as far as trustProxy says, though no peer is known", async () => {
  for (const [trustProxy, ip] of [[0, null], [1, "203.0.113.9"], [2, "198.51.100.1"]] as const) {
    const server = await startTestServer({ trustProxy });
    const body = JSON.stringify({ email: "ada@example.com", password: "correct horse battery staple", delivery: "body" });
    const headers = { "content-type": "application/json", "x-forwarded-for": "198.51.100.1, 203.0.113.9" };
    const answer = await toNext(server).POST(new Request(`${ISSUER}/signup`, { method: "POST", headers, body }));
    expect(answer.status).toBe(201);
    expect((await server.audit.list({ limit: 1 }))[0]?.ip).toBe(ip);
  }
});

it("in production it warns, once, that no addresses are known", async () => {
  const config = { issuer: "https://id.example/auth" };
  const inDevelopment = await startTestServer(config);
  vi.stubEnv("NODE_ENV", "production");
  const [told, server] = [await startTestServer({ ...config, trustProxy: 1 }), await startTestServer(config)];
  const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
  onTestFinished(() => {
    vi.unstubAllEnvs();
    warn.mockRestore();
  });
  const proxied = () => new Request(`${ORIGIN}/healthz`, { headers: { "x-forwarded-for": "203.0.113.9" } });
  for (const quiet of [inDevelopment, told]) await toNext(quiet).GET(proxied());
  expect(warn).not.toHaveBeenCalled();
  for (const { GET } of [toNext(server), toNext(() => server)]) for (const request of [proxied(), proxied()]) await GET(request);
  expect(warn.mock.calls).toEqual([[expect.stringContaining("OSTIARY_TRUST_PROXY"), "OstiaryWarning"]]);
});

it("starts nothing before the first request, and one server only, however often modules are loaded", async () => {
  let made = 0;
  const load = () =>
    keepOstiary(async () => {
      made++;
      if (made === 1) throw new Error("no database yet");
      return startTestServer();
    }, "test");
  const [first, second] = [load(), load()];
  const { GET } = toNext(first);
  expect(made).toBe(0);
  const request = (): Request => new Request(`${ORIGIN}/healthz`);
  await expect(GET(request())).rejects.toThrow("no database yet");
  expect((await GET(request())).status).toBe(200);
  expect((await toNext(second).GET(request())).status).toBe(200);
  expect(await second()).toBe(await first());
  expect(made).toBe(2);
});
