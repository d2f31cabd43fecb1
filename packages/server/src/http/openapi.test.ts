import { describe, expect, it } from "vitest";
import { z } from "zod";
import { startUnclaimed, startWithAdmin } from "../../test/admin-server.ts";
import { Authenticator } from "../../test/authenticator.ts";
import { REDIRECT, startOAuth, VERIFIER } from "../../test/code-client.ts";
import { FROM, startMailing, startWithAda, tokenIn } from "../../test/mailbox.ts";
import { ISSUER, ORIGIN, PASSWORD, TestClient, basic, startSignedIn, startTestServer } from "../../test/test-server.ts";
import type { Answer, CallOptions } from "../../test/test-server.ts";
import { codeAt } from "../../test/two-steps.ts";
import { ADA, startWithProvider } from "../../test/traveller.ts";
import { DEVICE_GRANT } from "../clients/registration.ts";
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
    expect(Object.keys(components.securitySchemes)).toEqual(["bearer", "client", "refreshCookie", "registration", "metrics"]);
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
    for (const described of [...(await adminSuccesses()), ...(await oauthSuccesses()), ...(await registrationSuccesses()), ...(await mailSuccesses()), ...(await factorSuccesses())]) seen.add(described);
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    // Metrics are no JSON; monitoring.test.ts reads them.
    const routes = routesOf("/auth").filter(({ path }) => path !== "/metrics");
    expect([...seen].toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  /** A client's whole way, answered as described. */
  async function oauthSuccesses(): Promise<Iterable<string>> {
    const { client, app, newCode } = await startOAuth({}, { grantTypes: ["authorization_code", "refresh_token", DEVICE_GRANT] });
    const { call, seen } = await checkedCaller();
    const form = { grant_type: "authorization_code", code: await newCode(), code_verifier: VERIFIER };
    const headers = { authorization: basic(app), "content-type": "application/x-www-form-urlencoded" };
    const exchanged = await call(client, "POST", "/oauth/token", { headers, body: new URLSearchParams(form).toString() });
    const bearer = (exchanged.body as { access_token: string }).access_token;
    const answers = [exchanged, await call(client, "GET", "/oauth/userinfo", { bearer }), await call(client, "POST", "/oauth/userinfo", { bearer })];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const ask = { response_type: "code", redirect_uri: REDIRECT, scope: "openid", code_challenge: "A".repeat(43), code_challenge_method: "S256" };
    expect((await call(client, "POST", "/oauth/par", { headers, body: new URLSearchParams(ask).toString() })).status).toBe(201);
    expect((await call(client, "POST", "/oauth/device", { headers, body: "scope=openid" })).status).toBe(200);
    return seen;
  }

  /** A client that registers itself, changes that, and goes. */
  async function registrationSuccesses(): Promise<Iterable<string>> {
    const program = new TestClient(await startTestServer({ dynamicRegistration: "open" }));
    const { call, seen } = await checkedCaller();
    const metadata = { client_name: "Tides", redirect_uris: ["https://app.example/callback"] };
    const made = await call(program, "POST", "/oauth/register", { body: metadata });
    const { client_id: id, registration_access_token: first } = made.body as Record<string, string>;
    const own = (method: string, bearer: string | undefined, body?: unknown) =>
      call(program, method, `/oauth/register/${id}`, { bearer, ...(body === undefined ? {} : { body }) }, "/oauth/register/{id}");
    const replaced = await own("PUT", first, { ...metadata, client_id: id });
    const { registration_access_token: second } = replaced.body as Record<string, string>;
    const answers = [made, replaced, await own("GET", second), await own("DELETE", second)];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 204]);
    return seen;
  }

  /** What goes by mail, answered as described. */
  async function mailSuccesses(): Promise<Iterable<string>> {
    const { client, tokens, mailbox } = await startWithAda();
    const { call, seen } = await checkedCaller();
    const concealed = await startMailing({ signup: { concealExisting: true } });
    const asked = await call(concealed.client, "POST", "/signup", { body: { email: "grace@example.com", password: PASSWORD } });
    const made = await call(concealed.client, "POST", "/signup/confirm", { body: { token: tokenIn(await concealed.mailbox.arrived(1)), password: PASSWORD } });
    const bearer = tokens.accessToken;
    const newest = async (subject: string) => ({ body: { token: tokenIn(await mailbox.about(subject)) } });
    const answers = [
      asked,
      made,
      await call(client, "GET", "/settings"),
      await call(client, "POST", "/email/verification", { bearer }),
      await call(client, "POST", "/email/verify", await mailbox.arrived(2).then(() => newest("Confirm your e-mail"))),
      await call(client, "POST", "/email", { bearer, body: { newEmail: "new@example.com", currentPassword: PASSWORD } }),
      await call(client, "POST", "/email/confirm", await newest("Confirm your new")),
      await call(client, "POST", "/email/undo", await newest("was changed")),
      await call(client, "POST", "/password/forgot", { body: { email: "ada@example.com" } }),
    ];
    const { token } = (await newest("Reset your")).body;
    answers.push(await call(client, "POST", "/password/reset", { body: { token, newPassword: `${PASSWORD}!` } }));
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    return seen;
  }

  /** Second factors, and signing in by them, answered as described. */
  async function factorSuccesses(): Promise<Iterable<string>> {
    const { server, client, tokens } = await startSignedIn();
    const { call, seen } = await checkedCaller();
    const authenticator = new Authenticator();
    const { secret, enrolmentToken } = (await call(client, "POST", "/second-factors/totp", { bearer: tokens.accessToken })).body as Record<string, string>;
    const body = { enrolmentToken, code: codeAt(server, secret ?? "", -1) };
    const confirmed = await call(client, "POST", "/second-factors/totp/confirm", { bearer: tokens.accessToken, body });
    const { mfaToken } = (await call(client, "POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } })).body as Record<string, string>;
    const stepped = await call(client, "POST", "/login/second-factor", { body: { mfaToken, code: codeAt(server, secret ?? "") } });
    const bearer = (stepped.body as { accessToken: string }).accessToken;
    const asked = (await call(client, "POST", "/second-factors/passkeys/options", { bearer })).body as { options: object; passkeyToken: string };
    const added = await call(client, "POST", "/second-factors/passkeys", { bearer, body: { passkeyToken: asked.passkeyToken, passkey: authenticator.create(asked.options) } });
    const own = `/second-factors/passkeys/${authenticator.id}`;
    const alone = (await call(client, "POST", "/login/passkey/options")).body as { options: object; passkeyToken: string };
    const waiting = (await call(client, "POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } })).body as Record<string, string>;
    const answers = [
      confirmed,
      stepped,
      added,
      await call(client, "POST", "/login/second-factor/passkey", { body: { mfaToken: waiting["mfaToken"] } }),
      await call(new TestClient(server), "POST", "/login/passkey", { body: { passkeyToken: alone.passkeyToken, passkey: authenticator.get(alone.options) } }),
      await call(client, "GET", "/second-factors", { bearer }),
      await call(client, "PATCH", own, { bearer, body: { name: "Key ring" } }, "/second-factors/passkeys/{id}"),
      await call(client, "POST", "/second-factors/recovery-codes", { bearer }),
      await call(client, "DELETE", own, { bearer }, "/second-factors/passkeys/{id}"),
      await call(client, "DELETE", "/second-factors/totp", { bearer: (await client.refresh()).body.accessToken }),
    ];
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
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
    const key = await call(api, "POST", "/admin/api-keys", { bearer, body: { userId: id, name: "Laptop", scopes: ["a"], expiresInDays: 1 } });
    const { id: keyId } = (key.body as { apiKey: { id: string } }).apiKey;
    const works = await startWithProvider();
    await works.ada.signIn(works.provider, ADA);
    await works.ada.submit("/account", { task: "set-password", newPassword: PASSWORD });
    const themselves = (await works.server.users.findByEmail(ADA.email))?.id ?? "";
    await works.server.users.setRoles(themselves, ["user", "admin"]);
    const known = new TestClient(works.server);
    const asThem = { bearer: (await known.login(ADA.email)).accessToken };
    const theirs = `/admin/users/${themselves}`;
    const identity = new URLSearchParams({ issuer: works.provider.issuer, subject: ADA.sub }).toString();
    const answers = [
      made,
      key,
      await call(known, "GET", theirs, asThem, "/admin/users/{id}"),
      await call(known, "DELETE", `${theirs}/identities?${identity}`, asThem, "/admin/users/{id}/identities"),
      await call(api, "GET", `/admin/api-keys?userId=${id}`, { bearer }, "/admin/api-keys"),
      await call(api, "POST", `/admin/api-keys/${keyId}/rotate`, { bearer, body: { overlapSeconds: 60 } }, "/admin/api-keys/{id}/rotate"),
      await call(api, "DELETE", `/admin/api-keys/${keyId}`, { bearer }, "/admin/api-keys/{id}"),
      await call(api, "GET", `/admin/api-keys/${keyId}`, { bearer }, "/admin/api-keys/{id}"),
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
      await call(api, "DELETE", `/admin/users/${id}/second-factors`, { bearer }, "/admin/users/{id}/second-factors"),
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
    const { server, client, ada: tokens, grace } = await startWithAdmin({ dynamicRegistration: "open", mail: { from: FROM, transport() {} } });
    const { call } = await checkedCaller();
    const twice = { headers: { authorization: "Bearer a.b.c, Bearer a.b.c" } };
    const stranger = await server.clients.create({ name: "no guard" });
    const noJson = { body: "x", headers: { "content-type": "text/plain" }, bearer: tokens.accessToken };
    for (const { load } of routesOf("/auth")) {
      const { method, path, operation } = await load();
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
