import { describe, expect, it } from "vitest";
import { DEVICE_GRANT } from "../../../clients/registration.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";
import { answer, sentBack, startAuthorization } from "../../../../test/authorization.ts";
import { ANY_TEXT, basic, DAY, ISSUER, refusal, startTestServer, TestClient } from "../../../../test/test-server.ts";
import type { TestServer } from "../../../../test/test-server.ts";

const CALLBACK = "https://app.example/callback";
const APP = { client_name: "Tide Tables", redirect_uris: [CALLBACK] };

interface Body extends Record<string, unknown> {
  readonly client_id: string;
  readonly client_secret: string;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
}

async function start(config: OstiaryConfig = {}) {
  const server = await startTestServer({ dynamicRegistration: "open", ...config });
  return { server, program: new TestClient(server), ...callsOf(server) };
}

function callsOf(server: TestServer) {
  const program = new TestClient(server);
  return {
    register: (body: unknown, bearer?: string) => program.call<Body>("POST", "/oauth/register", { body, bearer }),
    own: (method: string, { client_id: id }: Pick<Body, "client_id">, bearer: string | undefined, body?: unknown) =>
      program.call<Body>(method, `/oauth/register/${id}`, { bearer, ...(body === undefined ? {} : { body }) }),
  };
}

describe("POST /oauth/register", () => {
  it("201: a client with its secret, all that is registered, and what it is changed with", async () => {
    const { server, register } = await start();
    const { status, headers, body } = await register({
      ...APP,
      contacts: ["ops@app.example"],
      software_id: "tides",
      colour: "blue",
      logo_uri: null,
    });
    expect(status).toBe(201);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      ...APP,
      client_id: ANY_TEXT,
      client_secret: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      client_secret_expires_at: 0,
      client_id_issued_at: server.time.now / 1000,
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
      scope: "openid profile email offline_access",
      application_type: "web",
      subject_type: "public",
      id_token_signed_response_alg: "ES256",
      dpop_bound_access_tokens: false,
      require_pushed_authorization_requests: false,
      contacts: ["ops@app.example"],
      software_id: "tides",
      registration_access_token: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      registration_client_uri: `${ISSUER}/oauth/register/${body.client_id}`,
    });
    const [event] = await server.audit.list({ limit: 1 });
    expect(event).toMatchObject({
      type: "client_created",
      ip: "203.0.113.7",
      detail: { clientId: body.client_id, selfRegistered: "request" },
    });
    for (const secret of [body.client_secret, body.registration_access_token]) {
      expect(JSON.stringify(event)).not.toContain(secret);
    }
    expect(await server.clients.find(body.client_id)).toMatchObject({
      guard: false,
      registration: { firstParty: false },
      selfRegistered: { way: "request", ip: "203.0.113.7" },
    });
  });

  it("201: a client that binds itself to proofs and pushed requests, and one on devices without a browser", async () => {
    const { server, register } = await start();
    const strict = { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true };
    const { body } = await register({ ...APP, ...strict });
    expect(body).toMatchObject(strict);
    expect((await server.clients.find(body.client_id))?.registration).toMatchObject({
      dpopBoundAccessTokens: true,
      requirePushedAuthorizationRequests: true,
    });
    const device = await register({
      client_name: "TV",
      grant_types: [DEVICE_GRANT],
      scope: "openid",
      token_endpoint_auth_method: "none",
    });
    expect(device).toMatchObject({ status: 201, body: { grant_types: [DEVICE_GRANT], response_types: [], scope: "openid" } });
  });

  it("201: a public client has no secret; scopes that clients may not have are left out", async () => {
    const { register } = await start({ selfRegisteredScopes: ["openid", "tides:read"] });
    const { body } = await register({
      ...APP,
      token_endpoint_auth_method: "none",
      scope: "openid tides:read tides:write",
      grant_types: ["authorization_code", "refresh_token"],
    });
    expect(body).toMatchObject({ scope: "openid tides:read", grant_types: ["authorization_code", "refresh_token"] });
    expect(body).not.toHaveProperty("client_secret");
    expect(body).not.toHaveProperty("client_secret_expires_at");
  });

  it.each<[string, Record<string, unknown>]>([
    ["invalid_redirect_uri", { redirect_uris: ["https://app.example/callback#part"] }],
    ["invalid_redirect_uri", { redirect_uris: ["http://app.example/callback"] }],
    ["invalid_redirect_uri", { redirect_uris: ["https://*.app.example/callback"] }],
    ["invalid_redirect_uri", { redirect_uris: ["javascript:alert(1)"] }],
    ["invalid_redirect_uri", { redirect_uris: ["com.example.app:/callback"] }],
    ["invalid_redirect_uri", { redirect_uris: "https://app.example/callback" }],
    ["invalid_redirect_uri", { redirect_uris: [] }],
    ["invalid_client_metadata", { client_name: "a".repeat(101) }],
    ["invalid_client_metadata", { client_name: "bank\u202Eelpmaxe" }],
    ["invalid_client_metadata", { client_uri: "javascript:alert(1)" }],
    ["invalid_client_metadata", { policy_uri: "data:text/html,x" }],
    ["invalid_client_metadata", { grant_types: ["implicit"], response_types: ["token"] }],
    ["invalid_client_metadata", { grant_types: ["authorization_code", "client_credentials"] }],
    ["invalid_client_metadata", { grant_types: ["password"] }],
    ["invalid_client_metadata", { response_types: ["code id_token"] }],
    ["invalid_client_metadata", { response_types: [] }],
    ["invalid_client_metadata", { token_endpoint_auth_method: "client_secret_jwt" }],
    ["invalid_client_metadata", { token_endpoint_auth_method: "private_key_jwt" }],
    [
      "invalid_client_metadata",
      { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } },
    ],
    [
      "invalid_client_metadata",
      { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [] }, jwks_uri: "https://app.example/keys" },
    ],
    ["invalid_client_metadata", { token_endpoint_auth_method: "private_key_jwt", jwks_uri: "http://app.example/keys" }],
    ["invalid_client_metadata", { token_endpoint_auth_signing_alg: "HS256" }],
    ["invalid_client_metadata", { scope: "admin" }],
    ["invalid_client_metadata", { subject_type: "pairwise" }],
    ["invalid_client_metadata", { id_token_signed_response_alg: "none" }],
    ["invalid_client_metadata", { id_token_encrypted_response_alg: "RSA-OAEP" }],
    ["invalid_client_metadata", { sector_identifier_uri: "https://127.0.0.1/sector.json" }],
    ["invalid_software_statement", { software_statement: "a.b.c" }],
  ])("400 %s, and nothing is made: %j", async (error, metadata) => {
    const { server, register } = await start();
    expect(refusal(await register({ ...APP, ...metadata }))).toEqual({ status: 400, error });
    expect(await server.clients.list()).toEqual([]);
  });

  it("400, 415: what is no JSON object", async () => {
    const { program, register } = await start();
    expect(refusal(await register("[]"))).toMatchObject({ status: 400, error: "invalid_request" });
    const form = await program.call("POST", "/oauth/register", {
      body: "client_name=x",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(form.status).toBe(415);
  });

  it("404 where nobody has let clients register themselves; discovery has no such address", async () => {
    const { program, register } = await start({ dynamicRegistration: "off" });
    expect(refusal(await register(APP))).toEqual({ status: 404, error: "not_found" });
    const { body } = await program.call<Record<string, unknown>>("GET", "/.well-known/openid-configuration");
    expect(body).not.toHaveProperty("registration_endpoint");
  });

  it("429 after many from one address; others may still", async () => {
    const { program, register } = await start();
    for (let i = 0; i < 20; i++) expect((await register(APP)).status).toBe(201);
    expect(refusal(await register(APP))).toEqual({ status: 429, error: "too_many_attempts" });
    expect((await program.call("POST", "/oauth/register", { body: APP, from: "198.51.100.9" })).status).toBe(201);
  });

  it("pages of every origin may call it: apps in browsers register themselves", async () => {
    const { program } = await start();
    const { headers } = await program.call("POST", "/oauth/register", { body: APP, headers: { origin: "https://app.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("POST /oauth/register, where an initial access token is asked for", () => {
  it("401 without one, with another, after its end and after its uses; 201 as often as it is good for, and no more", async () => {
    const { server, register } = await start({ dynamicRegistration: "token" });
    const { token, id } = await server.registrationTokens.create({ name: "partners", uses: 3, expiresInDays: 1 });
    expect(refusal(await register(APP))).toEqual({ status: 401, error: "missing_token" });
    expect((await register(APP)).headers.get("www-authenticate")).toBe("Bearer");
    expect(refusal(await register(APP, `${token}x`))).toEqual({ status: 401, error: "invalid_token" });
    // What is refused for its metadata uses nothing up.
    expect((await register({}, token)).status).toBe(400);
    const all = await Promise.all(Array.from({ length: 8 }, () => register(APP, token)));
    expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 201, 401, 401, 401, 401, 401]);
    expect(await server.registrationTokens.list()).toEqual([]);

    const second = await server.registrationTokens.create({ name: "partners" });
    expect(await server.registrationTokens.list()).toEqual([
      { id: second.id, name: "partners", createdAt: server.time.now, expiresAt: server.time.now + 7 * DAY, usesLeft: 1 },
    ]);
    server.time.now += 7 * DAY;
    expect(refusal(await register(APP, second.token))).toEqual({ status: 401, error: "invalid_token" });
    const third = await server.registrationTokens.create({ name: "partners" });
    expect(await server.registrationTokens.delete(third.id)).toBe(true);
    expect(await server.registrationTokens.delete(id)).toBe(true);
    expect(await server.registrationTokens.delete("nothing")).toBe(false);
    expect(refusal(await register(APP, third.token))).toEqual({ status: 401, error: "invalid_token" });
    expect(JSON.stringify(await server.audit.list({ limit: 100 }))).not.toContain(token);
  });

  it("201: a service, of API scopes alone", async () => {
    const { server, register } = await start({ dynamicRegistration: "token", selfRegisteredScopes: "openid tides:read" });
    const { token } = await server.registrationTokens.create({ name: "jobs" });
    const { body } = await register({ client_name: "Job", grant_types: ["client_credentials"] }, token);
    expect(body).toMatchObject({ grant_types: ["client_credentials"], response_types: [], scope: "tides:read" });
    const credentials = { clientId: body.client_id, clientSecret: body.client_secret };
    const headers = { authorization: basic(credentials), "content-type": "application/x-www-form-urlencoded" };
    const answered = await new TestClient(server).call("POST", "/oauth/token", {
      body: "grant_type=client_credentials",
      headers,
    });
    expect(answered.body).toMatchObject({ scope: "tides:read" });
  });
});

describe("a client's own registration", () => {
  it("200: read with its token, which no other client's opens; 401 in the same words for a client that there is not", async () => {
    const { register, own } = await start();
    const [{ body: one }, { body: other }] = [await register(APP), await register(APP)];
    const { client_secret: _, ...rest } = one;
    expect((await own("GET", one, one.registration_access_token)).body).toEqual(rest);
    const refused = { status: 401, error: "invalid_token" };
    for (const method of ["GET", "PUT", "DELETE"]) {
      const body = method === "PUT" ? { client_id: one.client_id, ...APP } : undefined;
      expect(refusal(await own(method, one, other.registration_access_token, body))).toEqual(refused);
      expect(refusal(await own(method, { client_id: "nobody" }, one.registration_access_token, body))).toEqual(refused);
      expect(refusal(await own(method, one, undefined, body))).toEqual({ status: 401, error: "missing_token" });
    }
    expect((await own("GET", one, one.registration_access_token)).status).toBe(200);
  });

  it("a client that the operator made is nobody's to read by a token", async () => {
    const { server, own } = await start();
    const { clientId, clientSecret } = await server.clients.create({ name: "Shop", registration: { redirectUris: [CALLBACK] } });
    for (const token of [clientSecret, "null", "undefined"]) {
      expect(refusal(await own("GET", { client_id: clientId }, token))).toEqual({ status: 401, error: "invalid_token" });
    }
  });

  it("PUT replaces all of it, and the token: the one before is worthless; what it may not say is refused", async () => {
    const { server, register, own } = await start();
    const { body: made } = await register({ ...APP, contacts: ["a@app.example"] });
    const first = made.registration_access_token;
    const wanted = {
      client_id: made.client_id,
      client_secret: made.client_secret,
      client_name: "Tides",
      redirect_uris: ["https://app.example/other"],
    };
    for (const wrong of [
      { client_id: "another" },
      { client_secret: "wrong" },
      { registration_access_token: first },
      { client_id_issued_at: 1 },
    ]) {
      expect(refusal(await own("PUT", made, first, { ...wanted, ...wrong }))).toEqual({ status: 400, error: "invalid_request" });
    }
    expect(refusal(await own("PUT", made, first, { ...wanted, token_endpoint_auth_method: "none" }))).toEqual({
      status: 400,
      error: "invalid_client_metadata",
    });
    const { status, body } = await own("PUT", made, first, wanted);
    expect(status).toBe(200);
    expect(body).toMatchObject({ client_name: "Tides", redirect_uris: ["https://app.example/other"] });
    expect(body).not.toHaveProperty("contacts");
    expect(body.registration_access_token).not.toBe(first);
    expect(refusal(await own("GET", made, first))).toEqual({ status: 401, error: "invalid_token" });
    expect((await own("GET", made, body.registration_access_token)).status).toBe(200);
    expect((await server.audit.list({ limit: 1 }))[0]).toMatchObject({
      type: "client_updated",
      detail: { clientId: made.client_id },
    });
  });

  it("PUT 429 after many from one address: each counts like a registration", async () => {
    const { register, own } = await start();
    const { body: made } = await register(APP);
    let token = made.registration_access_token;
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++) {
      const { status, body } = await own("PUT", made, token, { client_id: made.client_id, ...APP });
      token = body.registration_access_token;
      statuses.push(status);
    }
    expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 429]);
  });

  it("PUT takes back nothing that the operator has set; what the client said itself it may unsay", async () => {
    const { server, register, own } = await start({ selfRegisteredScopes: "openid profile email" });
    const { body: made } = await register({ ...APP, require_pushed_authorization_requests: true });
    await server.clients.update(made.client_id, { registration: { dpopBoundAccessTokens: true, scopes: ["openid", "email"] } });
    const all = { client_id: made.client_id, ...APP, scope: "openid profile email", dpop_bound_access_tokens: false };
    const { body } = await own("PUT", made, made.registration_access_token, all);
    expect(body).toMatchObject({
      scope: "openid email",
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: false,
    });
    const wider = await own("PUT", made, body.registration_access_token, { ...all, scope: "profile" });
    expect(refusal(wider)).toEqual({ status: 400, error: "invalid_client_metadata" });
    await server.clients.update(made.client_id, {
      registration: { dpopBoundAccessTokens: false, scopes: ["openid", "email", "profile"] },
    });
    const again = await own("PUT", made, body.registration_access_token, all);
    expect(again.body).toMatchObject({ scope: "openid profile email", dpop_bound_access_tokens: false });
  });

  it("is never one of the operator's own, by the operator's hand either", async () => {
    const { server, register } = await start();
    const { body: made } = await register(APP);
    await expect(server.clients.update(made.client_id, { registration: { firstParty: true } })).rejects.toMatchObject({
      code: "invalid_request",
      field: "registration",
    });
  });

  it("of many changes at once with one token, one is made", async () => {
    const { register, own } = await start();
    const { body: made } = await register(APP);
    const changes = Array.from({ length: 5 }, (_, i) => ({ client_id: made.client_id, ...APP, client_name: `Tides ${i}` }));
    const answers = await Promise.all(changes.map((body) => own("PUT", made, made.registration_access_token, body)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401, 401]);
  });

  it("DELETE 204: the client is refused from then on, its token too", async () => {
    const { server, register, own } = await start();
    const { body: made } = await register(APP);
    expect((await own("DELETE", made, made.registration_access_token)).status).toBe(204);
    expect(await server.clients.find(made.client_id)).toBeNull();
    expect(refusal(await own("GET", made, made.registration_access_token))).toEqual({ status: 401, error: "invalid_token" });
  });
});

describe("a client that registered itself", () => {
  it("asks its users each time, in a page that says that nobody has checked it; prompt=none gets consent_required", async () => {
    const { server, path, ada } = await startAuthorization({}, { dynamicRegistration: "open" });
    const { body } = await callsOf(server).register({
      ...APP,
      client_name: "Ostiary Support",
      logo_uri: "https://app.example/logo.png",
      policy_uri: "https://app.example/privacy",
      tos_uri: "https://app.example/terms",
    });
    const request = { client_id: body.client_id };
    for (let time = 0; time < 2; time++) {
      const asked = await ada.get(path(request));
      expect(asked.text).toContain("This app registered itself. Nobody has checked its name.");
      expect(asked.text).toContain('<a href="https://app.example/privacy" rel="noopener noreferrer nofollow" target="_blank">');
      expect(asked.text).toContain('<a href="https://app.example/terms"');
      expect(asked.text).not.toContain("logo.png");
      expect(sentBack(await answer(ada, asked, "allow"))).toHaveProperty("code");
    }
    expect(sentBack(await ada.get(path({ ...request, prompt: "none" })))).toMatchObject({ error: "consent_required" });
  });

  it("is noted to be in use with its first token: what never got one is dropped some day", async () => {
    const { server, register } = await start({ dynamicRegistration: "token", selfRegisteredScopes: "tides:read" });
    const { token } = await server.registrationTokens.create({ name: "jobs", uses: 2 });
    const job = { client_name: "Job", grant_types: ["client_credentials"] };
    const [{ body: used }, { body: unused }] = [await register(job, token), await register(job, token)];
    const headers = {
      authorization: basic({ clientId: used.client_id, clientSecret: used.client_secret }),
      "content-type": "application/x-www-form-urlencoded",
    };
    expect(
      (await new TestClient(server).call("POST", "/oauth/token", { body: "grant_type=client_credentials", headers })).status,
    ).toBe(200);
    expect(await server.clients.find(used.client_id)).toMatchObject({ selfRegistered: { usedAt: server.time.now } });
    expect(await server.clients.find(unused.client_id)).toMatchObject({ selfRegistered: { usedAt: null } });
  });
});
