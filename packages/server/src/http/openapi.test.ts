import { describe, expect, it } from "vitest";
import { z } from "zod";
import { startUnclaimed, startWithAdmin } from "../../test/admin-server.ts";
import { startOAuth, VERIFIER } from "../../test/code-client.ts";
import { ISSUER, ORIGIN, PASSWORD, TestClient, basic, startSignedIn, startTestServer } from "../../test/test-server.ts";
import type { Answer, CallOptions } from "../../test/test-server.ts";
import { routesOf } from "./routes/routes.ts";

interface Operation {
  readonly responses: Record<string, { content?: Content }>;
  readonly requestBody?: { content: Content };
  readonly security?: Record<string, string[]>[];
}

/** By media type. */
type Content = Record<string, { schema: Record<string, unknown> }>;

interface Document {
  readonly openapi: string;
  readonly servers: { url: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { securitySchemes: Record<string, unknown> };
}

async function documentOf(): Promise<Document> {
  const client = new TestClient(await startTestServer());
  return (await client.call<Document>("GET", "/openapi.json")).body;
}

describe("GET /openapi.json", () => {
  it("200: every route is there, and nothing else", async () => {
    const { openapi, servers, paths, components } = await documentOf();
    expect(openapi).toBe("3.1.0");
    expect(servers).toEqual([{ url: ISSUER }]);
    expect(Object.keys(components.securitySchemes)).toEqual(["bearer", "client", "refreshCookie", "metrics"]);
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => key !== "servers")
        .map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(routesOf("/auth").map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it("what is served at the server's root says so", async () => {
    const { paths } = await documentOf();
    for (const path of ["/healthz", "/readyz", "/.well-known/oauth-authorization-server/auth"]) {
      expect(paths[path]).toHaveProperty("servers", [{ url: ORIGIN }]);
    }
    expect(paths["/login"]).not.toHaveProperty("servers");
  });

  it("every request body's schema takes what the server takes, and refuses what it refuses", async () => {
    const { paths } = await documentOf();
    const schemaOf = (path: string, method = "post") =>
      z.fromJSONSchema(paths[path]![method]!.requestBody!.content["application/json"]!.schema);
    const ada = { email: "ada@example.com", password: PASSWORD };
    const cases: [z.ZodType, unknown, boolean][] = [
      [schemaOf("/signup"), { ...ada, name: "Ada", remember: true, delivery: "body" }, true],
      [schemaOf("/signup"), { ...ada, delivery: "pigeon" }, false],
      [schemaOf("/signup"), { email: ada.email }, false],
      [schemaOf("/login"), ada, true],
      [schemaOf("/login"), { password: PASSWORD }, false],
      [schemaOf("/refresh"), {}, true],
      [schemaOf("/refresh"), { refreshToken: 1 }, false],
      [schemaOf("/me", "patch"), { name: "Ada" }, true],
      [schemaOf("/me", "patch"), { name: null }, false],
      [schemaOf("/password"), { currentPassword: PASSWORD, newPassword: PASSWORD }, true],
      [schemaOf("/password"), { newPassword: PASSWORD }, false],
    ];
    for (const [schema, body, valid] of cases) expect(schema.safeParse(body).success).toBe(valid);
  });
});

describe("real answers are as the document has them: a described status, a body of its schema", () => {
  /** Calls, and holds the answer against the document. */
  async function checkedCaller() {
    const { paths } = await documentOf();
    const seen = new Set<string>();
    async function call(client: TestClient, method: string, path: string, options: CallOptions = {}, template = path) {
      const answer: Answer<unknown> = await client.call(method, path, options);
      const operation = paths[template]?.[method.toLowerCase()];
      const response = operation?.responses[String(answer.status)];
      expect({ method, path, status: answer.status, described: response !== undefined }).toMatchObject({ described: true });
      const schema = response?.content?.["application/json"]?.schema;
      if (schema === undefined) expect(answer.body).toBeNull();
      else expect(z.fromJSONSchema(schema).safeParse(answer.body).error).toBeUndefined();
      seen.add(`${method.toLowerCase()} ${template}`);
      return answer;
    }
    return { call, seen };
  }

  it("successes, on every route", async () => {
    const { server, client, tokens } = await startSignedIn();
    const { call, seen } = await checkedCaller();
    const root = new TestClient({ fetch: server.fetch, issuer: ORIGIN });
    const bearer = tokens.accessToken;
    const csrf = { headers: { "x-csrf-token": tokens.csrfToken } };
    const grace = { email: "grace@example.com", password: PASSWORD, name: "Grace", delivery: "body" };
    const answers = [
      await call(new TestClient(server), "POST", "/signup", { body: grace }),
      await call(new TestClient(server), "POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } }),
      await call(client, "POST", "/refresh", csrf),
      await call(client, "GET", "/csrf", csrf),
      await call(client, "GET", "/me", { bearer }),
      await call(client, "PATCH", "/me", { bearer, body: { name: "Ada" } }),
      await call(client, "GET", "/sessions", { bearer }),
      await call(root, "GET", "/healthz"),
      await call(root, "GET", "/readyz"),
      await call(root, "GET", "/.well-known/oauth-authorization-server/auth"),
      await call(root, "GET", "/.well-known/oauth-protected-resource/auth/oauth/userinfo"),
      await call(client, "GET", "/.well-known/openid-configuration"),
      await call(client, "GET", "/.well-known/jwks.json"),
      await call(client, "GET", "/openapi.json"),
    ];
    const phone = await server.sessions.list(tokens.user.id);
    answers.push(
      await call(client, "DELETE", `/sessions/${phone[0]!.id}`, { bearer }, "/sessions/{id}"),
      await call(client, "POST", "/password", { bearer, body: { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` } }),
    );
    const fresh = (await client.refresh()).body.accessToken;
    answers.push(
      await call(client, "POST", "/logout-all", { bearer: fresh }),
      await call(new TestClient(server), "POST", "/logout", { body: { refreshToken: (await login(server)).refreshToken } }),
    );
    const guard = await server.clients.create({ name: "API", guard: true });
    const asGuard = { headers: { authorization: basic(guard), "content-type": "application/x-www-form-urlencoded" } };
    answers.push(
      await call(client, "POST", "/oauth/introspect", { ...asGuard, body: `token=${fresh}` }),
      await call(client, "POST", "/oauth/revoke", { ...asGuard, body: `token=${fresh}` }),
    );
    // The stream itself has no end.
    const feed = await client.call("HEAD", "/revocations", asGuard);
    expect([feed.status, feed.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    seen.add("get /revocations");
    for (const described of [...(await adminSuccesses()), ...(await oauthSuccesses())]) seen.add(described);
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    // Metrics are no JSON; monitoring.test.ts reads them.
    const routes = routesOf("/auth").filter(({ path }) => path !== "/metrics");
    expect([...seen].toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  /** A client's whole way, answered as described. */
  async function oauthSuccesses(): Promise<Iterable<string>> {
    const { client, app, newCode } = await startOAuth();
    const { call, seen } = await checkedCaller();
    const form = { grant_type: "authorization_code", code: await newCode(), code_verifier: VERIFIER };
    const headers = { authorization: basic(app), "content-type": "application/x-www-form-urlencoded" };
    const exchanged = await call(client, "POST", "/oauth/token", { headers, body: new URLSearchParams(form).toString() });
    const bearer = (exchanged.body as { access_token: string }).access_token;
    const answers = [exchanged, await call(client, "GET", "/oauth/userinfo", { bearer }), await call(client, "POST", "/oauth/userinfo", { bearer })];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    return seen;
  }

  /** Everything that administrators can do, answered as described. */
  async function adminSuccesses(): Promise<Iterable<string>> {
    const { server, ada, grace, client } = await startWithAdmin();
    const { call, seen } = await checkedCaller();
    const api = new TestClient(server);
    const bearer = ada.accessToken;
    const id = grace.user.id;
    const other = await startUnclaimed();
    const first = await other.firstAdminToken();
    await client.refresh();
    await client.refresh();
    const [session] = await server.sessions.list(id);
    const refresh = (await server.keys.list()).find(({ purpose }) => purpose === "refresh");
    const made = await call(api, "POST", "/admin/clients", { bearer, body: { name: "API", guard: true } });
    const { clientId } = (made.body as { client: { clientId: string } }).client;
    const answers = [
      made,
      await call(new TestClient(other), "POST", "/admin/first", { body: { token: first, email: "a@example.com", password: PASSWORD } }),
      await call(api, "POST", "/admin/users", { bearer, body: { email: "new@example.com", password: PASSWORD } }),
      await call(api, "GET", "/admin/users?text=gra", { bearer }, "/admin/users"),
      await call(api, "GET", `/admin/users/${id}`, { bearer }, "/admin/users/{id}"),
      await call(api, "PATCH", `/admin/users/${id}`, { bearer, body: { roles: ["support"] } }, "/admin/users/{id}"),
      await call(api, "GET", `/admin/users/${id}/sessions`, { bearer }, "/admin/users/{id}/sessions"),
      await call(api, "DELETE", `/admin/sessions/${session!.id}`, { bearer }, "/admin/sessions/{id}"),
      await call(api, "GET", `/admin/sessions/${session!.id}`, { bearer }, "/admin/sessions/{id}"),
      await call(api, "POST", `/admin/users/${id}/sign-out`, { bearer }, "/admin/users/{id}/sign-out"),
      await call(api, "POST", `/admin/users/${id}/disable`, { bearer }, "/admin/users/{id}/disable"),
      await call(api, "POST", `/admin/users/${id}/enable`, { bearer }, "/admin/users/{id}/enable"),
      await call(api, "POST", `/admin/users/${id}/unlock`, { bearer }, "/admin/users/{id}/unlock"),
      await call(api, "DELETE", `/admin/users/${id}`, { bearer }, "/admin/users/{id}"),
      await call(api, "POST", "/admin/keys/rotate", { bearer }),
      await call(api, "POST", `/admin/keys/${refresh!.id}/withdraw`, { bearer }, "/admin/keys/{id}/withdraw"),
      await call(api, "GET", "/admin/keys", { bearer }),
      await call(api, "GET", "/admin/clients", { bearer }),
      await call(api, "GET", `/admin/clients/${clientId}`, { bearer }, "/admin/clients/{id}"),
      await call(api, "PATCH", `/admin/clients/${clientId}`, { bearer, body: { name: "The API" } }, "/admin/clients/{id}"),
      await call(api, "POST", `/admin/clients/${clientId}/secret`, { bearer }, "/admin/clients/{id}/secret"),
      await call(api, "DELETE", `/admin/clients/${clientId}`, { bearer }, "/admin/clients/{id}"),
      await call(api, "GET", "/admin/audit", { bearer }),
      await call(api, "GET", "/admin/overview", { bearer }),
      await call(api, "GET", "/admin/settings", { bearer }),
    ];
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    return seen;
  }

  const login = (server: ConstructorParameters<typeof TestClient>[0]) =>
    new TestClient(server).login("grace@example.com", { delivery: "body" });

  it("refusals, on every route", async () => {
    const { server, client, ada: tokens, grace } = await startWithAdmin();
    const { call } = await checkedCaller();
    const twice = { headers: { authorization: "Bearer a.b.c, Bearer a.b.c" } };
    const stranger = await server.clients.create({ name: "no guard" });
    const noJson = { body: "x", headers: { "content-type": "text/plain" }, bearer: tokens.accessToken };
    for (const { method, path, operation } of routesOf("/auth")) {
      const sent = path.replace("{id}", "x");
      const send = (options: CallOptions) => call(client, method.toUpperCase(), sent, options, path);
      if (operation.security?.some((scheme) => "bearer" in scheme)) {
        await send(twice);
        await send({ bearer: "x" });
        if (path !== "/logout") await send({});
        if (path.startsWith("/admin/")) await send({ bearer: grace.accessToken });
      }
      if (operation.security?.some((scheme) => "client" in scheme) && method === "get") {
        await send({});
        await send({ headers: { authorization: basic(stranger) } });
      }
      if (operation.requestBody !== undefined) {
        const type = Object.keys(operation.requestBody.content)[0] ?? "";
        const headers = { "content-type": type };
        expect((await send({ body: "x".repeat(70_000), headers, bearer: tokens.accessToken })).status).toBe(413);
        expect((await send(noJson)).status).toBe(415);
        expect((await send({ body: "%", headers, bearer: tokens.accessToken })).status).toBe(400);
      }
    }
    await call(client, "POST", "/refresh", { headers: { origin: "https://evil.example" } });
    await call(client, "GET", "/csrf", { headers: { origin: "null" } });
    await call(new TestClient(server), "GET", "/csrf");
    await call(client, "DELETE", "/sessions/x", { bearer: tokens.accessToken }, "/sessions/{id}");
    await call(client, "POST", "/signup", { body: { email: "ada@example.com", password: PASSWORD } });
    await call(client, "POST", "/login", { body: { email: "ada@example.com", password: "wrong" } });
    await server.close();
    await call(client, "POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } });
  });
});
