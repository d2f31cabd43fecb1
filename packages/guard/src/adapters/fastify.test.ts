import fastify, { type FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { describeAdapter } from "../../test/adapter-conformance.ts";
import type { Guard } from "../guard.ts";
import type { IssuersGuard } from "../issuers-guard.ts";
import { authenticate, authorize, protectedResource, requireRecent, requireScope } from "./fastify.ts";

describeAdapter("Fastify 5", startApp);

test("authorize without authenticate before it is named as the programming error it is, and lets nobody in", async () => {
  const app = createApp();
  app.get("/role", { onRequest: authorize("admin") }, async () => ({}));
  app.get("/scope", { onRequest: requireScope("orders:read") }, async () => ({}));
  for (const [url, name] of [["/role", "authorize"], ["/scope", "requireScope"]] as const) {
    const response = await app.inject(url);
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ thrown: `${name}() needs authenticate(guard) before it on this route` });
  }
});

async function startApp(guard: Guard | IssuersGuard): Promise<string> {
  const app = createApp();
  if (guard.resourceMetadata !== undefined) await app.register(protectedResource(guard));
  app.get("/public", async () => ({ public: true }));
  await app.register(async (open) => {
    await open.register(authenticate(guard, { optional: true }));
    open.get("/greeting", async ({ auth }) => ({ user: auth?.subject ?? null }));
    open.get("/members", { onRequest: authorize("user") }, async () => ({}));
  });
  await app.register(
    async (api) => {
      await api.register(authenticate(guard));
      api.all("/me", async ({ auth }) => ({
        user: auth?.subject,
        sid: auth?.sessionId,
        roles: auth?.roles,
        issuer: auth?.issuer,
      }));
      api.get("/admin", { onRequest: authorize("admin") }, async () => ({}));
      api.get("/edit", { onRequest: authorize("admin", "editor") }, async () => ({}));
      api.get("/orders", { onRequest: requireScope("orders:read", "orders:write") }, async () => []);
      api.get("/payouts", { onRequest: requireRecent({ maxAgeSeconds: 300, methods: ["otp", "mfa"] }) }, async () => []);
      api.get("/refunds", { onRequest: requireScope("orders:read", "refunds:write") }, async () => []);
      api.get("/broken", async () => {
        throw new Error("a bug of the app");
      });
    },
    { prefix: "/api" },
  );
  return app.listen({ port: 0, host: "127.0.0.1" });
}

function createApp(): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
  app.setErrorHandler<Error>(async ({ message }, _, reply) => reply.code(500).send({ thrown: message }));
  onTestFinished(() => app.close());
  return app;
}
