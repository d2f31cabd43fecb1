import express from "express";
import { expect, test } from "vitest";
import { describeAdapter } from "../../test/adapter-conformance.ts";
import { serve } from "../../test/http-server.ts";
import type { Guard } from "../guard.ts";
import type { IssuersGuard } from "../issuers-guard.ts";
import { authenticate, authorize, protectedResource, requireRecent, requireScope } from "./express.ts";

describeAdapter("Express 5", startApp);

test("authorize without authenticate before it is named as the programming error it is, and lets nobody in", async () => {
  const app = express();
  app.get("/role", authorize("admin"), (_, res) => void res.json({}));
  app.get("/scope", requireScope("orders:read"), (_, res) => void res.json({}));
  app.get("/recent", requireRecent({ maxAgeSeconds: 300 }), (_, res) => void res.json({}));
  app.use(answerErrors);
  const api = await serve(app);
  for (const [path, name] of [["/role", "authorize"], ["/scope", "requireScope"], ["/recent", "requireRecent"]] as const) {
    const response = await fetch(api + path);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ thrown: `${name}() needs authenticate(guard) before it on this route` });
  }
});

test("a role or scope that could match nothing is refused when the route is made", () => {
  expect(() => authorize(...([] as unknown as [string]))).toThrow("authorize needs");
  expect(() => authorize(["admin"] as unknown as string)).toThrow("authorize needs");
  expect(() => requireScope(...([] as unknown as [string]))).toThrow("requireScope needs");
  for (const scope of ["a b", 'a"b', "a\\b", "a\r\nb", ""]) expect(() => requireScope(scope)).toThrow("requireScope needs");
});

async function startApp(guard: Guard | IssuersGuard): Promise<string> {
  const app = express();
  if (guard.resourceMetadata !== undefined) app.use(protectedResource(guard));
  app.get("/public", (_, res) => void res.json({ public: true }));
  app.get("/greeting", authenticate(guard, { optional: true }), (req, res) => {
    res.json({ user: req.auth?.subject ?? null });
  });
  app.get("/members", authenticate(guard, { optional: true }), authorize("user"), (_, res) => void res.json({}));
  app.use(express.json());
  const api = express.Router();
  api.use(authenticate(guard));
  api.all("/me", ({ auth }, res) => {
    res.json({ user: auth?.subject, sid: auth?.sessionId, roles: auth?.roles, issuer: auth?.issuer });
  });
  api.get("/admin", authorize("admin"), (_, res) => void res.json({}));
  api.get("/edit", authorize("admin", "editor"), (_, res) => void res.json({}));
  api.get("/orders", requireScope("orders:read", "orders:write"), (_, res) => void res.json([]));
  api.get("/refunds", requireScope("orders:read", "refunds:write"), (_, res) => void res.json([]));
  api.get("/payouts", requireRecent({ maxAgeSeconds: 300, methods: ["otp", "mfa"] }), (_, res) => void res.json([]));
  api.get("/broken", () => {
    throw new Error("a bug of the app");
  });
  app.use("/api", api);
  app.use(answerErrors);
  return serve(app);
}

function answerErrors(error: Error, _: express.Request, response: express.Response, _next: express.NextFunction): void {
  response.status(500).json({ thrown: error.message });
}
