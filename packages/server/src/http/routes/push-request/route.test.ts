import { hash } from "node:crypto";
import { decode } from "@ostiary/jwt";
import { describe, expect, it, vi } from "vitest";
import type { NewRegistration } from "../../../clients/registration.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";
import { OAUTH_CONFIG, REDIRECT, startOAuth, VERIFIER } from "../../../../test/code-client.ts";
import type { Form } from "../../../../test/code-client.ts";
import { createProver } from "../../../../test/prover.ts";
import { countEarlier } from "../../../../test/earlier-tries.ts";
import { basic, refusal } from "../../../../test/test-server.ts";

interface Pushed {
  request_uri: string;
  expires_in: number;
}

const REQUEST = {
  response_type: "code",
  redirect_uri: REDIRECT,
  scope: "openid",
  state: "xyz",
  code_challenge: hash("sha256", VERIFIER, "base64url"),
  code_challenge_method: "S256",
};

async function startPushing(registration: Partial<NewRegistration> = {}, config: OstiaryConfig = {}) {
  const all = await startOAuth(config, registration);
  const push = (more: Record<string, string> = {}, headers?: Record<string, string>) =>
    all.post<Pushed>("/oauth/par", { ...REQUEST, ...more }, headers);
  const pushed = async (form: Form) => refusal(await all.post<Pushed>("/oauth/par", form));
  return { ...all, push, pushed };
}

describe("201", () => {
  it("names the request, once and for a minute, in a way that nobody can guess", async () => {
    const { push } = await startPushing();
    const { status, headers, body } = await push();
    expect([status, headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect(body).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/) as unknown,
      expires_in: 60,
    });
    expect((await push()).body.request_uri).not.toBe(body.request_uri);
  });

  it("keeps a hash of the name, what the client asks for, and nothing that proves who it is", async () => {
    const { push, store, app } = await startPushing({ tokenEndpointAuthMethod: "client_secret_post" });
    const { body } = await push({ dpop_jkt: "A".repeat(43), "a b": "c+d&é" });
    const kept = await store.oauth.pushed.open(hash("sha256", body.request_uri, "base64url"), app.clientId, 0, 1);
    expect(Object.fromEntries(new URLSearchParams(kept?.parameters))).toEqual({
      ...REQUEST,
      client_id: app.clientId,
      dpop_jkt: "A".repeat(43),
      "a b": "c+d&é",
    });
    expect(JSON.stringify(kept)).not.toContain(body.request_uri);
  });

  it("comes to public clients, which name themselves", async () => {
    const { push, post, app } = await startPushing({ tokenEndpointAuthMethod: "none" });
    expect((await push()).status).toBe(201);
    expect((await push({ client_id: "another" })).status).toBe(401);
    expect(
      (
        await post("/oauth/par", [
          ...Object.entries({ ...REQUEST, client_id: app.clientId }),
          ["resource", OAUTH_CONFIG.audience?.[0] ?? ""],
        ])
      ).status,
    ).toBe(201);
  });
});

describe("a proof in the header DPoP binds the code to its key (RFC 9449 §10.1)", () => {
  it("201: as the parameter dpop_jkt would; 400 where that names another key, or the proof is for another endpoint", async () => {
    const { push, server, store, app } = await startPushing({ tokenEndpointAuthMethod: "none" });
    const prover = createProver(server);
    const proof = () => prover.proof("POST", "/oauth/par");
    const { body } = await push({}, proof());
    const kept = await store.oauth.pushed.open(hash("sha256", body.request_uri, "base64url"), app.clientId, 0, 1);
    expect(new URLSearchParams(kept?.parameters).get("dpop_jkt")).toBe(prover.thumbprint);
    expect((await push({ dpop_jkt: prover.thumbprint }, proof())).status).toBe(201);
    expect(refusal(await push({ dpop_jkt: "A".repeat(43) }, proof()))).toMatchObject({ status: 400, error: "invalid_request" });
    expect(refusal(await push({}, prover.proof("POST", "/oauth/token")))).toMatchObject({
      status: 400,
      error: "invalid_dpop_proof",
    });
  });

  it("400 where it was used before; what is refused otherwise uses up none, nor does who has come too often", async () => {
    const { push, client, app, server, store } = await startPushing({ tokenEndpointAuthMethod: "none" });
    const headers = createProver(server).proof("POST", "/oauth/par");
    const used = vi.spyOn(store.oauth.once, "use");
    expect(refusal(await push({ response_type: "token" }, headers))).toMatchObject({ status: 400 });
    expect(used).not.toHaveBeenCalled();
    expect((await push({}, headers)).status).toBe(201);
    expect(refusal(await push({}, headers))).toEqual({ status: 400, error: "invalid_dpop_proof" });
    used.mockClear();
    await countEarlier(store, { name: "request-address", windowSeconds: 900 }, "198.51.100.7", 600);
    const body = new URLSearchParams({ ...REQUEST, client_id: app.clientId }).toString();
    const fresh = { ...createProver(server).proof("POST", "/oauth/par"), "content-type": "application/x-www-form-urlencoded" };
    expect(await client.call("POST", "/oauth/par", { body, headers: fresh, from: "198.51.100.7" })).toMatchObject({
      status: 429,
    });
    expect(used).not.toHaveBeenCalled();
  });
});

describe("400", () => {
  it("for what the authorization endpoint would refuse, with its words, before anybody is sent anywhere", async () => {
    const { pushed, tokens } = await startPushing();
    const { code_challenge: _, ...noChallenge } = REQUEST;
    const { redirect_uri: __, ...nowhere } = REQUEST;
    expect(await pushed(noChallenge)).toMatchObject({ status: 400, error: "invalid_request" });
    expect(await pushed(nowhere)).toMatchObject({ error: "invalid_request" });
    expect(await pushed({ ...REQUEST, redirect_uri: `${REDIRECT}/` })).toMatchObject({ error: "invalid_request" });
    expect(await pushed({ ...REQUEST, code_challenge_method: "plain" })).toMatchObject({ error: "invalid_request" });
    expect(await pushed({ ...REQUEST, response_type: "token" })).toMatchObject({
      status: 400,
      error: "unsupported_response_type",
    });
    expect(await pushed({ ...REQUEST, scope: "openid everything" })).toMatchObject({ error: "invalid_scope" });
    expect(await pushed([...Object.entries(REQUEST), ["resource", "https://nobody.example"]])).toMatchObject({
      error: "invalid_target",
    });
    expect(await pushed({ ...REQUEST, prompt: "none login" })).toMatchObject({ error: "invalid_request" });
    expect(await pushed({ ...REQUEST, max_age: "soon" })).toMatchObject({ error: "invalid_request" });
    expect(await pushed({ ...REQUEST, id_token_hint: tokens.accessToken })).toMatchObject({ error: "invalid_request" });
    expect(await pushed({ ...REQUEST, request: "eyJhbGciOiJub25lIn0.e30." })).toMatchObject({ error: "invalid_request" });
    expect(await pushed([...Object.entries(REQUEST), ["state", "two"]])).toMatchObject({ error: "invalid_request" });
    expect(await pushed({ ...REQUEST, nonce: "n".repeat(17_000) })).toMatchObject({ error: "invalid_request" });
  });

  it("for a request that names another (RFC 9126 §2.1)", async () => {
    const { push, pushed } = await startPushing();
    const { request_uri } = (await push()).body;
    expect(await pushed({ ...REQUEST, request_uri })).toMatchObject({ status: 400, error: "invalid_request" });
  });

  it("for a client that is not registered to sign users in", async () => {
    const { pushed } = await startPushing({ redirectUris: [], grantTypes: ["client_credentials"], scopes: ["orders:read"] });
    expect(await pushed(REQUEST)).toEqual({ status: 400, error: "unauthorized_client" });
  });
});

describe("401", () => {
  it("for a client that has a secret and does not prove it (checklist 51)", async () => {
    const { app, push } = await startPushing();
    const answer = await push({ client_id: app.clientId }, {});
    expect(refusal(answer)).toEqual({ status: 401, error: "invalid_client" });
    expect(answer.headers.get("www-authenticate")).toMatch(/^Basic /);
  });
});

describe("404, 405, 429", () => {
  it("has no other method, and an end for public clients that flood it, not for others", async () => {
    const { client, app, server, store } = await startPushing({ tokenEndpointAuthMethod: "none" });
    expect((await client.call("GET", "/oauth/par")).status).toBe(405);
    const form = new URLSearchParams({ ...REQUEST, client_id: app.clientId }).toString();
    const send = (from: string) =>
      client.call("POST", "/oauth/par", { body: form, headers: { "content-type": "application/x-www-form-urlencoded" }, from });
    await countEarlier(store, { name: "request-address", windowSeconds: 900 }, "198.51.100.7", 598);
    const answers = await Promise.all(Array.from({ length: 6 }, () => send("198.51.100.7")));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
    expect((await send("198.51.100.8")).status).toBe(201);
    expect(server.reported).toEqual([]);
  });

  it("has the same end for clients that registered themselves, with a secret too", async () => {
    const { client, store } = await startPushing({}, { dynamicRegistration: "open" });
    const { body } = await client.call<Record<string, string>>("POST", "/oauth/register", {
      body: { redirect_uris: [REQUEST.redirect_uri] },
    });
    const { client_id: clientId = "", client_secret: clientSecret = "" } = body;
    const headers = { "content-type": "application/x-www-form-urlencoded", authorization: basic({ clientId, clientSecret }) };
    const send = () =>
      client.call("POST", "/oauth/par", {
        body: new URLSearchParams({ ...REQUEST, scope: "openid" }).toString(),
        headers,
        from: "198.51.100.7",
      });
    await countEarlier(store, { name: "request-address", windowSeconds: 900 }, "198.51.100.7", 599);
    expect([(await send()).status, (await send()).status]).toEqual([201, 429]);
  });
});

it("is not there where tokens are signed with a secret: no client could verify them", async () => {
  const { client, tokens } = await startOAuth({ signingAlgorithm: "HS256" });
  expect(decode(tokens.accessToken).header.alg).toBe("HS256");
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  expect(refusal(await client.call("POST", "/oauth/par", { body: "client_id=x", headers }))).toMatchObject({ status: 400 });
});
