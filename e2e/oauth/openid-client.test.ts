/** The certified client library openid-client signs users in with what it reads in the discovery document, and nothing else. */
import { createRemoteJWKSet, importJWK, jwtVerify } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { API_SCOPE, CLIENT_KEY_ID, clientKey, POST_LOGOUT_URI, REDIRECT_URI, WORLDS } from "./world.ts";
import type { Credentials, World } from "./world.ts";
import type { Person } from "./person.ts";

type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;

describe.each(WORLDS)("openid-client at $name", ({ start }) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });
  afterAll(() => world.close());

  function discover({ id }: Credentials, authentication: client.ClientAuth): Promise<client.Configuration> {
    // The tests' issuers have no certificate; that ID tokens come straight from them is not taken for a signature.
    // oxlint-disable-next-line typescript/no-deprecated -- to stand out
    const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
    return client.discovery(new URL(world.issuer), id, undefined, authentication, { execute });
  }
  const asWeb = (): Promise<client.Configuration> =>
    discover(world.clients.web, client.ClientSecretBasic(world.clients.web.secret));

  /** As its documentation has it: every check that it knows is asked for. */
  async function signIn(config: client.Configuration, person: Person, more: Record<string, string> = {}, options: client.DPoPOptions = {}): Promise<Tokens> {
    const [pkceCodeVerifier, expectedState, expectedNonce] = [
      client.randomPKCECodeVerifier(),
      client.randomState(),
      client.randomNonce(),
    ];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: "openid profile email",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
      nonce: expectedNonce,
      ...more,
    });
    const { url: back } = await person.open(url);
    return client.authorizationCodeGrant(
      config,
      back,
      { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
      undefined,
      options,
    );
  }

  it("signs a user in: code, PKCE, state, nonce, iss, and userinfo about the same user", async () => {
    const config = await asWeb();
    expect(config.serverMetadata().supportsPKCE("S256")).toBe(true);
    expect(config.serverMetadata().authorization_response_iss_parameter_supported).toBe(true);
    const tokens = await signIn(config, await world.newPerson());
    const sub = tokens.claims()?.sub ?? "";
    expect(tokens.claims()?.["sid"]).toBeTypeOf("string");
    const claims = await client.fetchUserInfo(config, tokens.access_token, sub);
    expect(claims.email).toMatch(/@example\.com$/);
    expect(tokens.refresh_token).toBeUndefined();
  });

  it("does so for a client that proves who it is with a key, and for one that cannot", async () => {
    const key = (await importJWK({ ...clientKey.privateJwk() }, "ES256")) as client.CryptoKey;
    const keyed = await discover(world.clients.keyed, client.PrivateKeyJwt({ key, kid: CLIENT_KEY_ID }));
    const app = await discover(world.clients.app, client.None());
    for (const config of [keyed, app]) {
      const tokens = await signIn(config, await world.newPerson());
      expect(tokens.claims()?.aud).toBe(config.clientMetadata().client_id);
    }
  });

  it("pushes what it asks for ahead of the user, whose browser carries the name of it alone", async () => {
    const config = await asWeb();
    const [pkceCodeVerifier, expectedState, expectedNonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
    const url = await client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: REDIRECT_URI,
      scope: "openid email",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
      nonce: expectedNonce,
    });
    expect([...url.searchParams.keys()].toSorted()).toEqual(["client_id", "request_uri"]);
    const person = await world.newPerson();
    const { url: back } = await person.open(url);
    const tokens = await client.authorizationCodeGrant(config, back, {
      pkceCodeVerifier,
      expectedState,
      expectedNonce,
      idTokenExpected: true,
    });
    expect(tokens.claims()?.nonce).toBe(expectedNonce);
    expect((await person.open(url)).parameters.has("code")).toBe(false);
    await expect(client.buildAuthorizationUrlWithPAR(config, { redirect_uri: "https://rp.example/other" })).rejects.toMatchObject(
      { status: 400 },
    );
  });

  it("lets a device in that has no browser: its person goes to the page, and the device gets tokens", async () => {
    const config = await discover(world.clients.device, client.None());
    const begun = await client.initiateDeviceAuthorization(config, { scope: "openid email offline_access" });
    expect(begun.expires_in).toBe(600);
    const poll = (): Promise<Tokens> => client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0 });
    const { page, steps } = await (await world.newPerson()).open(begun.verification_uri_complete ?? "");
    expect(page?.status).toBe(200);
    expect(steps).toContain("sign in");
    const tokens = await poll();
    const sub = tokens.claims()?.sub ?? "";
    expect((await client.fetchUserInfo(config, tokens.access_token, sub)).email).toMatch(/@example\.com$/);
    expect((await client.refreshTokenGrant(config, tokens.refresh_token ?? "")).access_token).toBeTruthy();
    await expect(poll()).rejects.toMatchObject({ error: "invalid_grant" });
  });

  it("learns that its person has not let the device in", async () => {
    const config = await discover(world.clients.device, client.None());
    const begun = await client.initiateDeviceAuthorization(config, { scope: "openid" });
    await (await world.newPerson()).like({ denies: true }).open(begun.verification_uri_complete ?? "");
    await expect(client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0 })).rejects.toMatchObject({
      error: "access_denied",
    });
  });

  it("refreshes with offline_access, and what it revokes is over", async () => {
    const config = await asWeb();
    const tokens = await signIn(config, await world.newPerson(), { scope: "openid offline_access", prompt: "consent" });
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(refreshed.refresh_token).toBeTruthy();
    expect(refreshed.access_token).not.toBe(tokens.access_token);
    await client.fetchUserInfo(config, refreshed.access_token, tokens.claims()?.sub ?? "");

    await client.tokenRevocation(config, refreshed.refresh_token ?? "");
    await expect(client.refreshTokenGrant(config, refreshed.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("gets a token of its own, of which the API learns by asking", async () => {
    const { service, api } = world.clients;
    const config = await discover(service, client.ClientSecretBasic(service.secret));
    const { access_token: token, scope } = await client.clientCredentialsGrant(config, { scope: API_SCOPE });
    expect(scope).toBe(API_SCOPE);
    const asApi = await discover(api, client.ClientSecretBasic(api.secret));
    expect(await client.tokenIntrospection(asApi, token)).toMatchObject({
      active: true,
      client_id: service.id,
      scope: API_SCOPE,
    });
    await client.tokenRevocation(config, token);
    expect(await client.tokenIntrospection(asApi, token)).toEqual({ active: false });
  });

  it("signs in with tokens that are bound to its key (RFC 9449), and refreshes them; nonces are asked for by both sides", async () => {
    const config = await discover(world.clients.app, client.None());
    expect(config.serverMetadata().dpop_signing_alg_values_supported).toContain("ES256");
    const [mine, other] = [await client.randomDPoPKeyPair("ES256"), await client.randomDPoPKeyPair("ES256")];
    const DPoP = client.getDPoPHandle(config, mine);
    const asked = { scope: "openid offline_access", prompt: "consent", dpop_jkt: await DPoP.calculateThumbprint() };
    const tokens = await signIn(config, await world.newPerson(), asked, { DPoP });
    const sub = tokens.claims()?.sub ?? "";
    expect(tokens.token_type).toBe("dpop");
    await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
    await expect(client.fetchUserInfo(config, tokens.access_token, sub)).rejects.toMatchObject({ status: 401 });

    const thief = client.getDPoPHandle(config, other);
    const stolen = tokens.refresh_token ?? "";
    await expect(client.refreshTokenGrant(config, stolen, undefined, { DPoP: thief })).rejects.toMatchObject({
      error: "invalid_grant",
    });
    await expect(client.refreshTokenGrant(config, stolen)).rejects.toMatchObject({ error: "invalid_grant" });
    const refreshed = await client.refreshTokenGrant(config, stolen, undefined, { DPoP });
    expect(refreshed.token_type).toBe("dpop");
    await client.fetchUserInfo(config, refreshed.access_token, sub, { DPoP });
  });

  it("signs the user out by the issuer's own page, and every client that knew of it is told", async () => {
    const [config, person] = [await asWeb(), await world.newPerson()];
    const tokens = await signIn(config, person);
    world.takeLogoutTokens();
    const state = client.randomState();
    const url = client.buildEndSessionUrl(config, {
      post_logout_redirect_uri: POST_LOGOUT_URI,
      id_token_hint: tokens.id_token ?? "",
      state,
    });
    const { url: back } = await person.open(url);
    expect(back.href).toBe(`${POST_LOGOUT_URI}?state=${state}`);

    const token = await vi.waitUntil(() => world.takeLogoutTokens()[0], { timeout: 30_000, interval: 20 });
    const { issuer, jwks_uri: keys = "" } = config.serverMetadata();
    const checks = { issuer, audience: config.clientMetadata().client_id, typ: "logout+jwt" };
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(keys)), checks);
    expect(payload["sid"]).toBe(tokens.claims()?.["sid"]);
    await expect(client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? "")).rejects.toMatchObject({
      status: 401,
    });
    await expect(signIn(config, person, { prompt: "none" })).rejects.toMatchObject({ error: "login_required" });
  });

  it("learns why not, in words of the specification", async () => {
    const config = await asWeb();
    const person = (await world.newPerson()).like({ denies: true });
    await expect(signIn(config, await world.newPerson(), { prompt: "none" })).rejects.toMatchObject({ error: "login_required" });
    await expect(signIn(config, person, { code_challenge_method: "plain" })).rejects.toMatchObject({ error: "invalid_request" });
    const wrong = await discover(world.clients.web, client.ClientSecretBasic("not the secret"));
    await expect(signIn(wrong, await world.newPerson())).rejects.toMatchObject({
      status: 401,
      code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
    });
  });
});
