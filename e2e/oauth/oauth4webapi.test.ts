/** The certified library oauth4webapi, step by step: it checks each answer by itself, as strictly as the specifications allow. */
import { importJWK } from "jose";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_SCOPE, CLIENT_KEY_ID, clientKey, REDIRECT_URI, WORLDS } from "./world.ts";
import type { World } from "./world.ts";
import type { Person } from "./person.ts";

// oxlint-disable-next-line typescript/no-deprecated -- to stand out; the tests' issuers have no certificate
const insecure = { [oauth.allowInsecureRequests]: true };

describe.each(WORLDS)("oauth4webapi at $name", ({ start }) => {
  let world: World;
  let server: oauth.AuthorizationServer;
  let web: { client: oauth.Client; authentication: oauth.ClientAuth };
  beforeAll(async () => {
    world = await start();
    const issuer = new URL(world.issuer);
    server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: "oidc", ...insecure }),
    );
    const { id, secret } = world.clients.web;
    web = { client: { client_id: id }, authentication: oauth.ClientSecretBasic(secret) };
  });
  afterAll(() => world.close());

  interface Attempt {
    readonly back: URL;
    readonly verifier: string;
    readonly state: string;
    readonly nonce: string;
  }

  async function authorize({ client_id: id }: oauth.Client, person: Person, more: Record<string, string> = {}): Promise<Attempt> {
    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ];
    const url = new URL(server.authorization_endpoint ?? "");
    const parameters = {
      client_id: id,
      redirect_uri: REDIRECT_URI,
      response_type: "code",
      scope: "openid email",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
      ...more,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { back: (await person.open(url)).url, verifier, state, nonce };
  }

  async function exchange(
    { client, authentication }: typeof web,
    { back, verifier, state, nonce }: Attempt,
  ): Promise<oauth.TokenEndpointResponse> {
    const parameters = oauth.validateAuthResponse(server, client, back, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      parameters,
      REDIRECT_URI,
      verifier,
      insecure,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, insecure);
    return tokens;
  }

  it("signs a user in, and verifies the ID token by the published keys", async () => {
    const tokens = await exchange(web, await authorize(web.client, await world.newPerson()));
    const { sub = "" } = oauth.getValidatedIdTokenClaims(tokens) ?? {};
    const answer = await oauth.userInfoRequest(server, web.client, tokens.access_token, insecure);
    expect(await oauth.processUserInfoResponse(server, web.client, sub, answer)).toHaveProperty("email");
  });

  it("notices an answer of another issuer (RFC 9207)", async () => {
    const { back, state } = await authorize(web.client, await world.newPerson());
    expect(back.searchParams.get("iss")).toBe(world.issuer);
    back.searchParams.set("iss", "https://attacker.example");
    expect(() => oauth.validateAuthResponse(server, web.client, back, state)).toThrow(/"iss"/);
  });

  it("is told auth_time where it asks for max_age, and takes no older sign-in", async () => {
    const [person, maxAge] = [await world.newPerson(), { max_age: "300" }];
    const { back, verifier, state, nonce } = await authorize(web.client, person, maxAge);
    const parameters = oauth.validateAuthResponse(server, web.client, back, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      web.client,
      web.authentication,
      parameters,
      REDIRECT_URI,
      verifier,
      insecure,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, web.client, response, {
      expectedNonce: nonce,
      maxAge: 300,
    });
    expect(oauth.getValidatedIdTokenClaims(tokens)?.auth_time).toBeTypeOf("number");
  });

  it("takes the answer as a form as well (form_post)", async () => {
    const person = await world.newPerson();
    const attempt = async (): Promise<void> => {
      const verifier = oauth.generateRandomCodeVerifier();
      const state = oauth.generateRandomState();
      const url = new URL(server.authorization_endpoint ?? "");
      const { client_id: id } = web.client;
      const challenge = await oauth.calculatePKCECodeChallenge(verifier);
      url.search = new URLSearchParams({
        client_id: id,
        redirect_uri: REDIRECT_URI,
        response_type: "code",
        response_mode: "form_post",
        scope: "openid",
        code_challenge: challenge,
        code_challenge_method: "S256",
        state,
      }).toString();
      const arrival = await person.open(url);
      expect([arrival.method, arrival.url.href]).toEqual(["POST", REDIRECT_URI]);
      const parameters = oauth.validateAuthResponse(server, web.client, arrival.parameters, state);
      const response = await oauth.authorizationCodeGrantRequest(server, web.client, web.authentication, parameters, REDIRECT_URI, verifier, insecure);
      expect(await oauth.processAuthorizationCodeResponse(server, web.client, response)).toHaveProperty("id_token");
    };
    expect(server["response_modes_supported"]).toContain("form_post");
    await attempt();
    // And once more, signed in and with consent given: then no page of the issuer's comes between.
    await attempt();
  });

  it("signs in and refreshes with a key of its own (private_key_jwt)", async () => {
    const key = (await importJWK({ ...clientKey.privateJwk() }, "ES256")) as oauth.CryptoKey;
    const keyed = {
      client: { client_id: world.clients.keyed.id },
      authentication: oauth.PrivateKeyJwt({ key, kid: CLIENT_KEY_ID }),
    };
    const scope = { scope: "openid offline_access", prompt: "consent" };
    const tokens = await exchange(keyed, await authorize(keyed.client, await world.newPerson(), scope));
    const answer = await oauth.refreshTokenGrantRequest(
      server,
      keyed.client,
      keyed.authentication,
      tokens.refresh_token ?? "",
      insecure,
    );
    expect(await oauth.processRefreshTokenResponse(server, keyed.client, answer)).toHaveProperty("access_token");
  });

  it("proves to have a key, of whichever algorithm is listed, and is told the nonce to do so with (RFC 9449 §8, §9)", async () => {
    const client: oauth.Client = { client_id: world.clients.app.id };
    const authentication = oauth.None();
    const person = await world.newPerson();
    const listed = server.dpop_signing_alg_values_supported ?? [];
    for (const algorithm of ["ES256", "ES384", "ES512", "Ed25519", "RS256", "PS256"].filter((name) => listed.includes(name))) {
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(algorithm));
      const { back, verifier, state, nonce } = await authorize(client, person, { dpop_jkt: await DPoP.calculateThumbprint() });
      const parameters = oauth.validateAuthResponse(server, client, back, state);
      const redeem = async (): Promise<oauth.TokenEndpointResponse> => {
        const options = { DPoP, ...insecure };
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          authentication,
          parameters,
          REDIRECT_URI,
          verifier,
          options,
        );
        return oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce });
      };
      const refusal: unknown = await redeem().catch((error: unknown) => error);
      expect(oauth.isDPoPNonceError(refusal)).toBe(true);
      const tokens = await redeem();
      expect([algorithm, tokens.token_type]).toEqual([algorithm, "dpop"]);
      const answer = await oauth.userInfoRequest(server, client, tokens.access_token, { DPoP, ...insecure });
      expect(await oauth.processUserInfoResponse(server, client, oauth.skipSubjectCheck, answer)).toHaveProperty("email");
    }
    expect(listed).toEqual(expect.arrayContaining(["ES256", "Ed25519"]));
  });

  it("hears of a code that was used before, and nobody has got anything by it", async () => {
    const attempt = await authorize(web.client, await world.newPerson());
    const tokens = await exchange(web, attempt);
    await expect(exchange(web, attempt)).rejects.toMatchObject({ error: "invalid_grant", status: 400 });
    const answer = await oauth.userInfoRequest(server, web.client, tokens.access_token, insecure);
    expect(answer.status).toBe(401);
    await answer.body?.cancel();
  });

  it("asks about tokens and takes them back (RFC 7662, RFC 7009)", async () => {
    const { service, api } = world.clients;
    const [client, authentication] = [{ client_id: service.id }, oauth.ClientSecretBasic(service.secret)];
    const answer = await oauth.clientCredentialsGrantRequest(server, client, authentication, { scope: API_SCOPE }, insecure);
    const { access_token: token } = await oauth.processClientCredentialsResponse(server, client, answer);
    const [asApi, apiAuthentication] = [{ client_id: api.id }, oauth.ClientSecretBasic(api.secret)];
    const ask = async (): Promise<oauth.IntrospectionResponse> =>
      oauth.processIntrospectionResponse(
        server,
        asApi,
        await oauth.introspectionRequest(server, asApi, apiAuthentication, token, insecure),
      );
    expect(await ask()).toMatchObject({ active: true, client_id: service.id });
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, authentication, token, insecure));
    expect(await ask()).toEqual({ active: false });
  });
});
