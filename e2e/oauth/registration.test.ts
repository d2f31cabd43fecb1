/** Clients of other authors register themselves: openid-client, and the client of the Model Context Protocol's SDK. */
import { createServer } from "node:http";
import {
  exchangeAuthorization,
  discoverAuthorizationServerMetadata,
  refreshAuthorization,
  registerClient,
  startAuthorization,
} from "@modelcontextprotocol/sdk/client/auth.js";
import * as client from "openid-client";
import { createOstiary } from "ostiary";
import type { Ostiary } from "ostiary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { close, listen } from "../client/front.ts";
import { Person } from "./person.ts";

const ORIGIN = "https://id.example";
const PERSON = { email: "ada@example.com", password: "correct horse battery staple" };
const SCOPE = "openid offline_access tides:read";

describe("clients that nobody has registered", () => {
  let ostiary: Ostiary;
  const send = async (request: Request): Promise<Response> => ostiary.fetch(request, { remoteAddress: "203.0.113.7" });
  /** As libraries want it. */
  const fetchFn = (url: string | URL, init?: RequestInit): Promise<Response> => send(new Request(url, init));

  beforeAll(async () => {
    ostiary = await createOstiary({
      issuer: `${ORIGIN}/auth`,
      databaseUrl: "sqlite::memory:",
      secret: "a secret of the tests, long enough: 0123456789",
      dynamicRegistration: "open",
      clientIdDocuments: "on",
      selfRegisteredScopes: SCOPE,
      dangerouslyFetchLoopback: true,
    });
    await ostiary.users.create(PERSON);
  });
  afterAll(() => ostiary.close());

  it("openid-client registers itself and signs a user in", async () => {
    const metadata = {
      client_name: "Tide Tables",
      redirect_uris: ["https://rp.example/callback"],
      token_endpoint_auth_method: "client_secret_post",
    };
    const options = { [client.customFetch]: fetchFn as client.CustomFetch };
    const config = await client.dynamicClientRegistration(new URL(ostiary.issuer), metadata, undefined, options);
    config[client.customFetch] = fetchFn as client.CustomFetch;
    const [pkceCodeVerifier, expectedState] = [client.randomPKCECodeVerifier(), client.randomState()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: "https://rp.example/callback",
      scope: "openid",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
    });
    const { url: back, steps } = await new Person(ORIGIN, send, PERSON).open(url);
    expect(steps).toContain("answer");
    const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, idTokenExpected: true });
    expect(tokens.claims()?.aud).toBe(config.clientMetadata().client_id);
  });

  /** The way of the Model Context Protocol's clients, from a client's information on. */
  async function signInAs(clientInformation: { client_id: string }, redirectUrl: string): Promise<void> {
    const metadata = await discoverAuthorizationServerMetadata(ostiary.issuer, { fetchFn });
    const known = { clientInformation, ...(metadata === undefined ? {} : { metadata }) };
    const { authorizationUrl, codeVerifier } = await startAuthorization(ostiary.issuer, {
      ...known,
      redirectUrl,
      scope: SCOPE,
      state: "s",
    });
    const { parameters } = await new Person(ORIGIN, send, PERSON).open(authorizationUrl);
    const authorizationCode = parameters.get("code") ?? "";
    const tokens = await exchangeAuthorization(ostiary.issuer, {
      ...known,
      authorizationCode,
      codeVerifier,
      redirectUri: redirectUrl,
      fetchFn,
    });
    expect(tokens.scope).toBe(SCOPE);
    const refreshed = await refreshAuthorization(ostiary.issuer, { ...known, refreshToken: tokens.refresh_token ?? "", fetchFn });
    expect(refreshed.access_token).not.toBe(tokens.access_token);
  }

  it("the Model Context Protocol's client registers itself, signs a user in and refreshes", async () => {
    const metadata = await discoverAuthorizationServerMetadata(ostiary.issuer, { fetchFn });
    expect(metadata).toMatchObject({
      registration_endpoint: `${ostiary.issuer}/oauth/register`,
      client_id_metadata_document_supported: true,
    });
    const redirectUrl = "http://localhost:33418/callback";
    const clientMetadata = {
      client_name: "An assistant",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      scope: SCOPE,
    };
    const clientInformation = await registerClient(ostiary.issuer, {
      ...(metadata === undefined ? {} : { metadata }),
      clientMetadata,
      fetchFn,
    });
    await signInAs(clientInformation, redirectUrl);
  });

  it("the same by the document at its id, with nothing registered", async () => {
    const site = createServer((_, response) => {
      const document = {
        client_id: id,
        client_name: "An assistant",
        redirect_uris: ["http://127.0.0.1/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "none",
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
    });
    const id = `${await listen(site)}/client.json`;
    try {
      await signInAs({ client_id: id }, "http://127.0.0.1:33418/callback");
    } finally {
      await close(site);
    }
    expect(await ostiary.clients.find(id)).toMatchObject({ name: "An assistant", selfRegistered: { way: "document" } });
  });
});
