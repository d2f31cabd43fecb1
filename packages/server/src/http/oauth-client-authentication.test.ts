/** How clients of OAuth prove who they are, at the endpoints that ask for it. Guards stand in client-authentication.test.ts. */
import { generateKey, signJws } from "@ostiary/jwt";
import type { Algorithm, Key } from "@ostiary/jwt";
import { describe, expect, it } from "vitest";
import { createApp, OAUTH_CONFIG, REDIRECT } from "../../test/code-client.ts";
import { basic, ISSUER, refusal, START, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import { CLIENT_AUTHENTICATION_METHODS } from "./client-authentication.ts";
import { AUTHENTICATION_METHODS } from "../clients/registration.ts";
import type { AuthenticationMethod } from "../clients/registration.ts";
import { JWT_BEARER } from "../oauth/client-assertion.ts";
import { systemRandom } from "../random.ts";

const INVALID_CLIENT = { status: 401, error: "invalid_client" };
/** Whoever gets so far has proved who it is. */
const PAST_THE_DOOR = { status: 400, error: "invalid_grant" };
const ENDPOINTS = ["/oauth/token", "/oauth/revoke"] as const;

type Sent = { headers?: Record<string, string>; form?: Record<string, string> };

function callerOf(server: Pick<TestServer, "fetch" | "issuer">) {
  const client = new TestClient(server);
  return (path: string, { headers = {}, form = {} }: Sent) => {
    const what = { grant_type: "refresh_token", refresh_token: "x", token: "x" };
    const body = new URLSearchParams({ ...what, ...form }).toString();
    return client.call("POST", path, { body, headers: { "content-type": "application/x-www-form-urlencoded", ...headers } });
  };
}

function publicJwks(keys: Key[]) {
  return { keys: keys.map((key) => ({ ...key.publicJwk() })) };
}

async function start(algorithm: Algorithm = "ES256") {
  const server = await startTestServer(OAUTH_CONFIG);
  const key = generateKey(algorithm);
  const app = await createApp(server, { tokenEndpointAuthMethod: "private_key_jwt", jwks: publicJwks([key]) });
  const call = callerOf(server);
  const assertion = (
    claims: Record<string, unknown> = {},
    { signed = key, header = {} }: { signed?: Key; header?: Record<string, unknown> } = {},
  ) => signJws(JSON.stringify(claimsFor(app.clientId, claims)), { key: signed, header });
  const assert = (client_assertion: string, form: Record<string, string> = {}, path = "/oauth/token") =>
    call(path, { form: { client_assertion_type: JWT_BEARER, client_assertion, ...form } });
  return { server, key, app, call, assertion, assert };
}

function claimsFor(clientId: string, more: Record<string, unknown> = {}) {
  const jti = systemRandom.uuid();
  return { iss: clientId, sub: clientId, aud: ISSUER, jti, iat: START / 1000, exp: START / 1000 + 60, ...more };
}

describe("a client uses the method that it is registered with, and no other", () => {
  it.each(AUTHENTICATION_METHODS)("%s", async (registered) => {
    const server = await startTestServer(OAUTH_CONFIG);
    const key = generateKey("ES256");
    const jwks = registered === "private_key_jwt" ? publicJwks([key]) : null;
    const app = await createApp(server, { tokenEndpointAuthMethod: registered, jwks });
    // What a client has that has nothing to show: anything.
    const credentials = { clientId: app.clientId, clientSecret: app.clientSecret === "" ? "anything" : app.clientSecret };
    const assertion = signJws(JSON.stringify(claimsFor(app.clientId)), { key });
    const ways: Record<AuthenticationMethod, Sent> = {
      client_secret_basic: { headers: { authorization: basic(credentials) } },
      client_secret_post: { form: { client_id: credentials.clientId, client_secret: credentials.clientSecret } },
      private_key_jwt: { form: { client_assertion_type: JWT_BEARER, client_assertion: assertion } },
      none: { form: { client_id: app.clientId } },
    };
    for (const method of AUTHENTICATION_METHODS) {
      const answer = await callerOf(server)("/oauth/token", ways[method]);
      expect([method, refusal(answer)]).toMatchObject([method, method === registered ? PAST_THE_DOOR : INVALID_CLIENT]);
      expect(answer.headers.get("www-authenticate")).toBe(method === registered ? null : `Basic realm="${ISSUER}"`);
    }
    const whys = (await server.audit.list({ limit: 3 })).map(({ detail }) => detail["why"]);
    expect(whys).toEqual(["wrong_method", "wrong_method", "wrong_method"]);
  });

  it("nor two at once (RFC 6749 §2.3)", async () => {
    const { app, call, assertion } = await start();
    const authorization = basic({ clientId: app.clientId, clientSecret: "x" });
    const asserted = { client_assertion_type: JWT_BEARER, client_assertion: assertion() };
    const both: Sent[] = [
      { headers: { authorization }, form: asserted },
      { form: { ...asserted, client_secret: "x" } },
      { headers: { authorization }, form: { client_secret: "x" } },
    ];
    for (const sent of both) expect(refusal(await call("/oauth/token", sent))).toEqual({ status: 400, error: "invalid_request" });
    expect(refusal(await call("/oauth/token", { form: asserted }))).toMatchObject(PAST_THE_DOOR);
  });

  it("401 with a challenge for nothing at all, an unknown id, and credentials in the header that are wrong", async () => {
    const { call } = await start();
    const wrong: Sent[] = [
      {},
      { form: { client_id: "nobody" } },
      { form: { client_id: "\0" } },
      { headers: { authorization: basic({ clientId: "nobody", clientSecret: "x" }) } },
      { headers: { authorization: "Bearer x" } },
    ];
    for (const path of ENDPOINTS) {
      for (const sent of wrong) {
        const answer = await call(path, sent);
        expect(refusal(answer)).toEqual(INVALID_CLIENT);
        expect(answer.headers.get("www-authenticate")).toBe(`Basic realm="${ISSUER}"`);
      }
    }
  });

  it("429 after many wrong secrets; the right one is let in all the while", async () => {
    const { server, call } = await start();
    const app = await createApp(server);
    const statuses = new Set<number>();
    const authorization = basic({ ...app, clientSecret: "wrong" });
    for (let i = 0; i < 300 && !statuses.has(429); i++) {
      statuses.add((await call("/oauth/token", { headers: { authorization } })).status);
    }
    expect(statuses).toEqual(new Set([401, 429]));
    expect(refusal(await call("/oauth/token", { headers: { authorization: basic(app) } }))).toMatchObject(PAST_THE_DOOR);
  });

  it("who has proved nothing asks about no token", async () => {
    const { server, call } = await start();
    const app = await createApp(server, { tokenEndpointAuthMethod: "none" });
    expect(refusal(await call("/oauth/introspect", { form: { client_id: app.clientId } }))).toEqual(INVALID_CLIENT);
    const guard = await server.clients.create({ name: "API", guard: true, registration: { redirectUris: [REDIRECT] } });
    expect((await call("/oauth/introspect", { headers: { authorization: basic(guard) } })).status).toBe(200);
    const inForm = { client_id: guard.clientId, client_secret: guard.clientSecret };
    expect(refusal(await call("/oauth/introspect", { form: inForm }))).toEqual(INVALID_CLIENT);
    expect(CLIENT_AUTHENTICATION_METHODS).toEqual(["client_secret_basic", "client_secret_post"]);
  });
});

describe("private_key_jwt (RFC 7523)", () => {
  it.each(["ES256", "ES512", "Ed25519", "RS256", "PS384"] as const)(
    "a client signs with its own key, %s, and may name itself beside",
    async (algorithm) => {
      const { app, assertion, assert } = await start(algorithm);
      for (const path of ENDPOINTS) {
        for (const typ of [undefined, "JWT", "client-authentication+jwt"]) {
          const answer = await assert(
            assertion({}, { header: typ === undefined ? {} : { typ } }),
            { client_id: app.clientId },
            path,
          );
          expect(answer.status).toBe(path === "/oauth/token" ? 400 : 200);
        }
      }
    },
  );

  it.each<[string, Record<string, unknown>]>([
    ["aud of the token endpoint", { aud: `${ISSUER}/oauth/token` }],
    ["aud with a slash more", { aud: `${ISSUER}/` }],
    ["aud of the host", { aud: new URL(ISSUER).origin }],
    ["aud of two", { aud: [ISSUER, "https://other.example"] }],
    ["aud as a list", { aud: [ISSUER] }],
    ["no aud", { aud: undefined }],
    ["another iss", { iss: "somebody" }],
    ["no iss", { iss: undefined }],
    ["no sub", { sub: undefined }],
    ["no jti", { jti: undefined }],
    ["an empty jti", { jti: "" }],
    ["a jti that is no text", { jti: 1 }],
    ["an endless jti", { jti: "x".repeat(256) }],
    ["no exp", { exp: undefined }],
    ["exp as text", { exp: String(START / 1000 + 60) }],
    ["exp in the past", { exp: START / 1000 }],
    ["exp in an hour", { exp: START / 1000 + 3600 }],
    ["iat in the future", { iat: START / 1000 + 60 }],
    ["nbf in the future", { nbf: START / 1000 + 60 }],
  ])("refused: %s", async (_, claims) => {
    const { assertion, assert } = await start();
    expect(refusal(await assert(assertion(claims)))).toEqual(INVALID_CLIENT);
  });

  it("refused: another key, a secret, another client's assertion, another kind of token, what is no token", async () => {
    const { server, key, app, assertion, assert, call } = await start();
    const stranger = generateKey("ES256");
    const other = await createApp(server, { tokenEndpointAuthMethod: "private_key_jwt", jwks: publicJwks([stranger]) });
    const [head = "", , signature = ""] = assertion().split(".");
    const changed = Buffer.from(JSON.stringify(claimsFor(app.clientId))).toString("base64url");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${changed}.`;
    const wrong = [
      assertion({}, { signed: stranger }),
      assertion({ iss: other.clientId, sub: other.clientId }),
      assertion({ sub: other.clientId }),
      assertion({}, { header: { typ: "at+jwt" } }),
      assertion({}, { header: { typ: "dpop+jwt" } }),
      signJws("[]", { key }),
      signJws(new Uint8Array([0xff]), { key }),
      `${head}.${changed}.${signature}`,
      none,
      "x",
      "..",
    ];
    for (const one of wrong) expect(refusal(await assert(one))).toEqual(INVALID_CLIENT);
    expect(refusal(await assert(assertion(), { client_id: other.clientId }))).toEqual(INVALID_CLIENT);
    const saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    expect(refusal(await call("/oauth/token", { form: { client_assertion: assertion(), client_assertion_type: saml } }))).toEqual(
      INVALID_CLIENT,
    );
    expect(refusal(await call("/oauth/token", { form: { client_assertion: assertion() } }))).toEqual(INVALID_CLIENT);
    expect(server.reported).toEqual([]);
  });

  it("good for one request, at whichever replica and endpoint it is shown again; another client may use the same jti", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const [one, two] = [
      await startTestServer({ ...OAUTH_CONFIG, databaseUrl }),
      await startTestServer({ ...OAUTH_CONFIG, databaseUrl }),
    ];
    const key = generateKey("ES256");
    const registration = { tokenEndpointAuthMethod: "private_key_jwt", jwks: publicJwks([key]) } as const;
    const [app, other] = [await createApp(one, registration), await createApp(one, registration)];
    const show = async (server: TestServer, clientId: string, path = "/oauth/token") => {
      const assertion = signJws(JSON.stringify(claimsFor(clientId, { jti: "the same" })), { key });
      return refusal(await callerOf(server)(path, { form: { client_assertion_type: JWT_BEARER, client_assertion: assertion } }));
    };
    expect(await show(one, app.clientId)).toMatchObject(PAST_THE_DOOR);
    expect(await show(two, app.clientId)).toEqual(INVALID_CLIENT);
    expect(await show(one, app.clientId, "/oauth/revoke")).toEqual(INVALID_CLIENT);
    expect(await show(two, other.clientId)).toMatchObject(PAST_THE_DOOR);
  });

  it("of many copies at once one is good", async () => {
    const { assertion, assert } = await start();
    const copy = assertion();
    const answers = await Promise.all(Array.from({ length: 20 }, () => assert(copy)));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(1);
  });

  it("503 while the store is down: nobody can know whether it was used before", async () => {
    const { server, assertion, assert } = await start();
    await assert(assertion());
    await server.close();
    expect(refusal(await assert(assertion()))).toEqual({ status: 503, error: "unavailable", reason: "store_unavailable" });
  });
});
