import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { expect, expectTypeOf, test } from "vitest";
import { describeAdapter } from "../../test/adapter-conformance.ts";
import { serve } from "../../test/http-server.ts";
import { createGuard } from "../create-guard.ts";
import type { Guard } from "../guard.ts";
import type { AnyIdentity, Identity } from "../identity.ts";
import type { IssuersGuard } from "../issuers-guard.ts";
import { authenticate, authorize, protectedResource, requireRecent, requireScope, type AuthEnv } from "./hono.ts";

describeAdapter("Hono", startApp);

test("authorize without authenticate before it is named as the programming error it is, and lets nobody in", async () => {
  const app = new Hono().onError((error, c) => c.json({ thrown: error.message }, 500));
  app.get("/role", authorize("admin"), (c) => c.json({}));
  app.get("/scope", requireScope("orders:read"), (c) => c.json({}));
  for (const [path, name] of [["/role", "authorize"], ["/scope", "requireScope"]] as const) {
    const response = await app.request(path);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ thrown: `${name}() needs authenticate(guard) before it on this route` });
  }
});

test("who is asking has the type that the guard gives it", () => {
  const guard = createGuard<{ plan: string }>({ issuer: "https://auth.example", audience: "api", onWarning: () => {} });
  guard.close();
  new Hono().get("/", authenticate(guard), authorize("admin"), (c) => {
    expectTypeOf(c.var.auth).toEqualTypeOf<Identity<{ plan: string }>>();
    return c.body(null);
  });
  new Hono().get("/", authenticate(guard, { optional: true }), (c) => {
    expectTypeOf(c.var.auth).toEqualTypeOf<Identity<{ plan: string }> | undefined>();
    return c.body(null);
  });
  new Hono<AuthEnv>().use(authenticate(createGuardOfNobody()), authorize("admin"));
});

async function startApp(guard: Guard | IssuersGuard): Promise<string> {
  const app = new Hono().onError((error, c) => c.json({ thrown: error.message }, 500));
  if (guard.resourceMetadata !== undefined) app.use(protectedResource(guard));
  app.get("/public", (c) => c.json({ public: true }));
  app.get("/greeting", authenticate<AnyIdentity, true>(guard, { optional: true }), (c) => c.json({ user: c.var.auth?.subject ?? null }));
  app.get("/members", authenticate<AnyIdentity, true>(guard, { optional: true }), authorize("user"), (c) => c.json({}));
  const api = new Hono<AuthEnv<AnyIdentity>>().use(authenticate<AnyIdentity>(guard));
  api.all("/me", ({ var: { auth }, json }) =>
    json({ user: auth.subject, sid: auth.sessionId, roles: auth.roles, issuer: auth.issuer }),
  );
  api.get("/admin", authorize("admin"), (c) => c.json({}));
  api.get("/edit", authorize("admin", "editor"), (c) => c.json({}));
  api.get("/orders", requireScope("orders:read", "orders:write"), (c) => c.json([]));
  api.get("/payouts", requireRecent({ maxAgeSeconds: 300, methods: ["otp", "mfa"] }), (c) => c.json([]));
  api.get("/refunds", requireScope("orders:read", "refunds:write"), (c) => c.json([]));
  api.get("/broken", () => {
    throw new Error("a bug of the app");
  });
  app.route("/api", api);
  const listener = getRequestListener(app.fetch);
  return serve((request, response) => void listener(request, response));
}

function createGuardOfNobody(): Guard {
  const guard = createGuard({ issuer: "https://auth.example", audience: "api", onWarning: () => {} });
  guard.close();
  return guard;
}
