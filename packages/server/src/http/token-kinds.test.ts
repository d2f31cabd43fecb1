/**
 * Every kind of token that the server makes or takes, at every place that takes one: let in where it is due, and nowhere
 * else.
 */
import { hash } from "node:crypto";
import { createGuard } from "@ostiary/guard";
import { createSigner, generateKey, signJws } from "@ostiary/jwt";
import { expect, it, onTestFinished } from "vitest";
import { API, appOf, claimsOf, createApp, REDIRECT, startIntrospection, startOAuth, VERIFIER } from "../../test/code-client.ts";
import { PageClient } from "../../test/page-client.ts";
import { ISSUER, keysOf, ORIGIN, START, TestClient } from "../../test/test-server.ts";
import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { DEVICE_GRANT } from "../clients/registration.ts";
import { JWT_BEARER } from "../oauth/client-assertion.ts";
import { createDeviceRequest } from "../oauth/device-request.ts";
import { allowDevice } from "../oauth/decide-device.ts";
import { pushRequest } from "../oauth/pushed-request.ts";
import { systemRandom } from "../random.ts";
import { hashOf } from "../sessions/hash-of.ts";

const SIGNED_OUT = "https://shop.example/bye";

/** The kinds, each made anew for each place: some are good for one use. */
async function startKinds() {
  const started = await startOAuth(
    { signingAlgorithm: "ES256" },
    { postLogoutRedirectUris: [SIGNED_OUT], grantTypes: ["authorization_code", "refresh_token", DEVICE_GRANT] },
  );
  const { path, server, store, tokens, app, userId, signOnId, newCode, redeem } = started;
  const { accessKey } = await keysOf(path);
  const key = generateKey("ES256");
  const jwks = { keys: [{ ...key.publicJwk() }] };
  const asserting = await createApp(server, { tokenEndpointAuthMethod: "private_key_jwt", jwks });
  const job = await server.clients.create({
    name: "Job",
    registration: { grantTypes: ["client_credentials"], scopes: ["jobs:run"] },
  });
  const ofUser = await server.apiKeys.create({ owner: { userId }, name: "Laptop", scopes: ["orders:read"], withRoles: true });
  const ofJob = await server.apiKeys.create({ owner: { clientId: job.clientId }, name: "Job" });
  const { exchange } = appOf(server, store, job, tokens);
  const visitor = new TestClient(server);
  const { csrfToken } = await visitor.login();
  const signin = visitor.jar.get("ostiary_signin") ?? "";
  const page = new PageClient(server, new Map([["ostiary_signin", signin]]));
  const granted = (await redeem(await newCode())).body;
  const bare = (await redeem(await newCode({ scopes: ["orders:read"] }))).body;
  const signIn = (await redeem(await newCode({ scopes: ["openid", "email"] }))).body;
  const own = (await exchange({ grant_type: "client_credentials" })).body;
  const seconds = START / 1000;
  const logout = {
    events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    sub: userId,
    sid: signOnId,
    jti: "logout",
  };
  const stranger = createSigner({ key, type: "at+jwt", issuer: "https://stranger.example", clock: () => START });
  const assertion = () => ({
    iss: asserting.clientId,
    sub: asserting.clientId,
    aud: ISSUER,
    jti: systemRandom.uuid(),
    exp: seconds + 60,
  });

  const deps = { store: store.oauth, clock: () => START, random: systemRandom };
  const [client, signOn] = [await store.clients.find(app.clientId), await store.sessions.find(signOnId)];
  if (client === null || client.registration === null || signOn === null) throw new Error("They were there.");
  const registered = { ...client, registration: client.registration };

  /** One that the user has just allowed. */
  async function newDeviceCode(): Promise<string> {
    const asked = { clientId: app.clientId, scopes: ["openid"], resources: [], ip: null, userAgent: null };
    const { deviceCode } = await createDeviceRequest(deps, asked);
    const request = await store.oauth.devices.find(hashOf(deviceCode));
    if (request === null || signOn === null || !(await allowDevice(deps, request, registered, signOn, LOCAL_ORIGIN))) {
      throw new Error("It was not allowed.");
    }
    return deviceCode;
  }

  const kinds = {
    "access token of our own sign-in": () => tokens.accessToken,
    "access token of a client, with openid": () => granted.access_token,
    "access token of a client, without openid": () => bare.access_token,
    "access token of a client, for sign-in alone": () => signIn.access_token,
    "access token of a client in its own name": () => own.access_token,
    "refresh token of our own sign-in": () => tokens.refreshToken ?? "",
    "refresh token of a client": () => granted.refresh_token ?? "",
    "ID token": () => granted.id_token ?? "",
    "authorization code": () => newCode(),
    "device code": newDeviceCode,
    "pushed request": () => pushRequest(deps, registered, new URLSearchParams(authorizationOf(app.clientId)).toString()),
    "CSRF token": () => csrfToken,
    "sign-in cookie": () => signin,
    "form token": () => page.formToken("/account"),
    "logout token": () =>
      createSigner({
        key: accessKey,
        type: "logout+jwt",
        issuer: ISSUER,
        audience: app.clientId,
        expiresInSeconds: 120,
        clock: () => START,
      })(logout),
    "client assertion": () => signJws(JSON.stringify(assertion()), { key }),
    "API key of a user": () => ofUser.key,
    "API key of a service account": () => ofJob.key,
    "access token of a foreign issuer": () => stranger({ ...claimsOf(tokens.accessToken), iss: "https://stranger.example" }),
    "access token of a foreign key": () =>
      createSigner({ key, type: "at+jwt", issuer: ISSUER, clock: () => START })(claimsOf(tokens.accessToken)),
  };
  return { ...started, kinds, asserting, visitor, signin };
}

type Kind = keyof Awaited<ReturnType<typeof startKinds>>["kinds"];

const CLIENTS_ACCESS: Kind[] = [
  "access token of a client, with openid",
  "access token of a client, without openid",
  "access token of a client in its own name",
];
const SIGN_IN: Kind = "access token of a client, for sign-in alone";
const API_KEYS: Kind[] = ["API key of a user", "API key of a service account"];
const REFRESH: Kind[] = ["refresh token of our own sign-in", "refresh token of a client"];

function authorizationOf(clientId: string): Record<string, string> {
  const challenge = { code_challenge: hash("sha256", VERIFIER, "base64url"), code_challenge_method: "S256" };
  return { response_type: "code", client_id: clientId, redirect_uri: REDIRECT, scope: "openid", prompt: "none", ...challenge };
}

async function startPlaces(world: Awaited<ReturnType<typeof startKinds>>) {
  const { server, app, client, post, userinfo, visitor, signin, asserting } = world;
  const introspect = await startIntrospection(server);
  const fetchHere = (url: string | URL, init?: RequestInit) => Promise.resolve(server.fetch(new Request(url, init)));
  const api = createGuard({ issuer: ISSUER, audience: API, clock: () => START, fetch: fetchHere });
  onTestFinished(() => api.close());
  const authorization = authorizationOf(app.clientId);
  const isLetIn = (status: number): boolean => status < 300;
  const bearer = async (method: string, path: string, token: string, body?: unknown) =>
    isLetIn((await client.call(method, path, { bearer: token, ...(body === undefined ? {} : { body }) })).status);
  const exchange = async (form: Record<string, string>, headers?: Record<string, string>) =>
    isLetIn((await post("/oauth/token", form, headers)).status);
  const own: Kind[] = ["access token of our own sign-in"];

  const places: Record<string, { accepts: Kind[]; shows: (token: string) => Promise<boolean> }> = {
    // First of all: of refresh tokens only the current one is active, and others stand further down.
    "POST /oauth/introspect": {
      accepts: [...own, ...CLIENTS_ACCESS.slice(0, 2), SIGN_IN, ...CLIENTS_ACCESS.slice(2), ...REFRESH, ...API_KEYS],
      shows: async (token) => (await introspect(token))["active"] === true,
    },
    "GET /me": { accepts: own, shows: (token) => bearer("GET", "/me", token) },
    "PATCH /me": { accepts: own, shows: (token) => bearer("PATCH", "/me", token, { name: "Ada" }) },
    "GET /sessions": { accepts: own, shows: (token) => bearer("GET", "/sessions", token) },
    "an API's guard": {
      accepts: [...own, ...CLIENTS_ACCESS],
      shows: (token) =>
        api.verify(token).then(
          () => true,
          () => false,
        ),
    },
    "the server's own guard, for its own applications": {
      accepts: [...own, ...API_KEYS],
      shows: (token) =>
        server.guard.verify(token).then(
          () => true,
          () => false,
        ),
    },
    "GET /oauth/userinfo": {
      accepts: ["access token of a client, with openid", SIGN_IN],
      shows: async (token) => isLetIn((await userinfo(token)).status),
    },
    "POST /oauth/userinfo": {
      accepts: ["access token of a client, with openid", SIGN_IN],
      shows: async (token) => isLetIn((await userinfo(token, "POST")).status),
    },
    "POST /refresh, cookie": {
      accepts: ["refresh token of our own sign-in"],
      shows: async (token) => {
        const headers = { origin: ORIGIN, "sec-fetch-site": "same-origin", cookie: `ostiary_refresh=${token}` };
        return isLetIn((await new TestClient(server).call("POST", "/refresh", { headers })).status);
      },
    },
    "POST /refresh, body": {
      accepts: ["refresh token of our own sign-in"],
      shows: async (token) => isLetIn((await client.refresh(token)).status),
    },
    "POST /refresh, X-CSRF-Token": {
      accepts: ["CSRF token"],
      shows: async (token) => {
        const headers = { origin: ORIGIN, "x-csrf-token": token };
        return isLetIn((await visitor.call("POST", "/refresh", { headers })).status);
      },
    },
    "POST /oauth/token, code": {
      accepts: ["authorization code"],
      shows: (code) => exchange({ grant_type: "authorization_code", code, code_verifier: VERIFIER }),
    },
    "POST /oauth/token, refresh_token": {
      accepts: ["refresh token of a client"],
      shows: (token) => exchange({ grant_type: "refresh_token", refresh_token: token }),
    },
    "POST /oauth/token, client_assertion": {
      accepts: ["client assertion"],
      // A client that has proved who it is comes as far as its code, which is none.
      shows: async (token) => {
        const proof = { client_assertion: token, client_assertion_type: JWT_BEARER, client_id: asserting.clientId };
        const form = { grant_type: "authorization_code", code: "x", code_verifier: VERIFIER, ...proof };
        return (await post("/oauth/token", form, {})).body.error === "invalid_grant";
      },
    },
    "POST /oauth/token, device_code": {
      accepts: ["device code"],
      shows: (code) => exchange({ grant_type: DEVICE_GRANT, device_code: code }),
    },
    "GET /oauth/authorize, request_uri": {
      accepts: ["pushed request"],
      shows: async (request_uri) => {
        const query = new URLSearchParams({ client_id: app.clientId, request_uri }).toString();
        const { location } = await new PageClient(server, new Map([["ostiary_signin", signin]])).get(`/oauth/authorize?${query}`);
        return `${location}`.includes("code=");
      },
    },
    "GET /oauth/authorize, id_token_hint": {
      accepts: ["ID token"],
      shows: async (id_token_hint) => {
        const query = new URLSearchParams({ ...authorization, id_token_hint }).toString();
        const { location, text } = await new PageClient(server, new Map([["ostiary_signin", signin]])).get(
          `/oauth/authorize?${query}`,
        );
        return `${location} ${text}`.includes("code=");
      },
    },
    // Nobody is signed in there: all that a hint does is to lead back to its client.
    "GET /oauth/logout, id_token_hint": {
      accepts: ["ID token"],
      shows: async (id_token_hint) => {
        const query = new URLSearchParams({ id_token_hint, post_logout_redirect_uri: SIGNED_OUT }).toString();
        const { location, text } = await new PageClient(server).get(`/oauth/logout?${query}`);
        return `${location} ${text}`.includes(SIGNED_OUT);
      },
    },
    "the pages' sign-in cookie": {
      accepts: ["sign-in cookie"],
      shows: async (token) =>
        isLetIn((await new PageClient(server, new Map([["ostiary_signin", token]])).get("/account")).status),
    },
    "the pages' forms": {
      accepts: ["form token"],
      shows: async (form_token) => {
        const page = new PageClient(server, new Map([["ostiary_signin", signin]]));
        return (await page.post("/account", { form_token, task: "profile", name: "Ada" })).status === 303;
      },
    },
  };
  return places;
}

it("each kind of token is let in at the places that are for it, and at no other", async () => {
  const world = await startKinds();
  const places = await startPlaces(world);
  const [letIn, due]: [string[], string[]] = [[], []];
  for (const [place, { accepts, shows }] of Object.entries(places)) {
    for (const [kind, make] of Object.entries(world.kinds)) {
      if (accepts.includes(kind as Kind)) due.push(`${place}: ${kind}`);
      if (await shows(await make())) letIn.push(`${place}: ${kind}`);
    }
  }
  expect(letIn).toEqual(due);
  // Nothing of what was shown in the wrong place was used up, or taken for theft.
  expect((await world.refresh(world.kinds["refresh token of a client"]())).status).toBe(200);
  expect(world.server.reported).toEqual([]);
});
