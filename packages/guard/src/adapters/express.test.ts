import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import type { ErrorBody } from "@ostiary/protocol";
import express, { type Express } from "express";
import { expect, onTestFinished, test } from "vitest";
import { AUDIENCE, startIssuer, type TestIssuer } from "../../test/issuer.ts";
import { createGuard } from "../create-guard.ts";
import { ostiary } from "../issuers/ostiary.ts";
import { authenticate, authorize, requireScope } from "./express.ts";

async function listen(app: Express): Promise<string> {
  const server = createServer(app);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startApi(issuer: TestIssuer): Promise<string> {
  const guard = createGuard({ issuer: issuer.url, audience: AUDIENCE, onWarning: () => {} });
  onTestFinished(() => guard.close());
  const app = express();
  app.get("/public", (_, res) => void res.json({ public: true }));
  app.get("/greeting", authenticate(guard, { optional: true }), (req, res) => {
    res.json({ user: req.auth?.subject ?? null });
  });
  app.get("/members", authenticate(guard, { optional: true }), authorize("user"), (_, res) => void res.json({}));
  app.get("/forgotten", authorize("admin"), (_, res) => void res.json({}));
  app.get("/forgotten-scope", requireScope("orders:read"), (_, res) => void res.json({}));
  app.use(express.json());
  const api = express.Router();
  api.use(authenticate(guard));
  api.all("/me", (req, res) => {
    res.json({ user: req.auth?.subject, sid: req.auth?.claims.sid, roles: req.auth?.roles });
  });
  api.get("/admin", authorize("admin"), (_, res) => void res.json({ admin: true }));
  api.get("/edit", authorize("admin", "editor"), (_, res) => void res.json({ edit: true }));
  api.get("/orders", requireScope("orders:read", "orders:write"), (_, res) => void res.json([]));
  api.get("/refunds", requireScope("orders:read", "refunds:write"), (_, res) => void res.json([]));
  api.get("/broken", () => {
    throw new Error("a bug of the app");
  });
  app.use("/api", api);
  app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    res.status(500).json({ thrown: error.message });
  });
  return listen(app);
}

async function setUp() {
  const issuer = await startIssuer();
  const api = await startApi(issuer);
  const call = (path: string, token?: string, init: RequestInit = {}) =>
    fetch(api + path, { ...init, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  return { issuer, api, call };
}

test("a request with a good token reaches the route, with a typed identity", async () => {
  const { issuer, call } = await setUp();
  const response = await call("/api/me", issuer.token());
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ user: "user-1", sid: "session-1", roles: ["user", "editor"] });
  expect((await call("/public")).status).toBe(200);
});

test("refusals are JSON with status, error, reason and challenge, and are not to be stored", async () => {
  const { issuer, call } = await setUp();
  const cases = [
    [await call("/api/me"), 401, { error: "missing_token" }, /^Bearer$/],
    [await call("/api/me", "nonsense"), 401, { error: "invalid_token", reason: "token_malformed" }, /error="invalid_token"/],
    [await call("/api/me?access_token=x", issuer.token()), 400, { error: "invalid_request" }, /error="invalid_request"/],
    [await call(`/api/me?access_token=${issuer.token()}`), 401, { error: "missing_token" }, /^Bearer$/],
    [await call("/api/admin", issuer.token()), 403, { error: "insufficient_role" }, undefined],
    [
      await call("/api/refunds", issuer.token()),
      403,
      { error: "insufficient_scope" },
      /error="insufficient_scope".*scope="orders:read refunds:write"/,
    ],
  ] as const;
  for (const [response, status, body, challenge] of cases) {
    expect(response.status).toBe(status);
    const { error_description: sentence, ...rest } = (await response.json()) as ErrorBody;
    expect(rest).toEqual(body);
    expect(sentence).not.toBe("");
    expect(response.headers.get("cache-control")).toBe("no-store");
    if (challenge === undefined) expect(response.headers.get("www-authenticate")).toBeNull();
    else expect(response.headers.get("www-authenticate")).toMatch(challenge);
  }
});

test("any of the roles, and all of the scopes, are needed", async () => {
  const { issuer, call } = await setUp();
  expect((await call("/api/edit", issuer.token())).status).toBe(200);
  expect((await call("/api/edit", issuer.token({ roles: ["edit", "Editor", "editor "] }))).status).toBe(403);
  expect((await call("/api/edit", issuer.token({ roles: [] }))).status).toBe(403);
  expect((await call("/api/orders", issuer.token())).status).toBe(200);
  expect((await call("/api/orders", issuer.token({ scope: "orders:read" }))).status).toBe(403);
  expect((await call("/api/orders", issuer.token({ scope: "" }))).status).toBe(403);
});

test("two Authorization headers are refused, although Node's headers would show only the first", async () => {
  const { issuer, api } = await setUp();
  const token = issuer.token();
  const status = await new Promise((resolve, reject) => {
    const headers = ["Host", "api", "Authorization", `Bearer ${token}`, "authorization", "Bearer other"];
    httpRequest(`${api}/api/me`, { headers }, (res) => resolve(res.resume().statusCode)).on("error", reject).end();
  });
  expect(status).toBe(400);
});

test("an optional route lets callers without a token in, but none with a bad one", async () => {
  const { issuer, call } = await setUp();
  expect(await (await call("/greeting")).json()).toEqual({ user: null });
  expect(await (await call("/greeting", issuer.token())).json()).toEqual({ user: "user-1" });
  expect((await call("/greeting", "nonsense")).status).toBe(401);
  expect((await call("/greeting", issuer.token({ exp: 1 }))).status).toBe(401);
  expect((await call("/members", issuer.token())).status).toBe(200);
  expect(await (await call("/members")).json()).toMatchObject({ error: "missing_token" });
});

test("authorize without authenticate before it is named as the programming error it is, and lets nobody in", async () => {
  const { issuer, call } = await setUp();
  for (const [path, name] of [["/forgotten", "authorize"], ["/forgotten-scope", "requireScope"]] as const) {
    const response = await call(path, issuer.token());
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

test("HEAD and OPTIONS are guarded like every method, and an error of the app stays the app's", async () => {
  const { issuer, call } = await setUp();
  for (const method of ["HEAD", "OPTIONS", "POST", "DELETE"]) {
    expect((await call("/api/me", undefined, { method })).status).toBe(401);
    expect((await call("/api/me", issuer.token(), { method })).status).toBe(200);
  }
  expect(await (await call("/api/broken", issuer.token())).json()).toEqual({ thrown: "a bug of the app" });
});

test("an API whose issuer is down answers 503 with Retry-After", async () => {
  const { issuer, call } = await setUp();
  issuer.answer = (_, res) => void res.writeHead(500).end();
  const response = await call("/api/me", issuer.token());
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ error: "unavailable" });
});

test("a guard of several issuers guards an app in the same way", async () => {
  const [one, two] = [await startIssuer(), await startIssuer()];
  const issuers = [one, two].map(({ url }) => ostiary({ issuer: url, audience: AUDIENCE }));
  const guard = createGuard({ issuers, onWarning: () => {} });
  onTestFinished(() => guard.close());
  const app = express();
  app.get("/", authenticate(guard), authorize("editor"), (req, res) => void res.json({ issuer: req.auth?.issuer }));
  const api = await listen(app);
  for (const issuer of [one, two]) {
    const response = await fetch(api, { headers: { authorization: `Bearer ${issuer.token()}` } });
    expect(await response.json()).toEqual({ issuer: issuer.url });
  }
  const stranger = await startIssuer();
  expect((await fetch(api, { headers: { authorization: `Bearer ${stranger.token()}` } })).status).toBe(401);
});
