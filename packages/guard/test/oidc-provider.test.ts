/** A real foreign issuer: the certified OpenID provider of another author, running. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKey } from "@ostiary/jwt";
import * as oauth from "oauth4webapi";
import { Provider } from "oidc-provider";
import * as client from "openid-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { authenticate } from "../src/adapters/node.ts";
import { createGuard, oidc } from "../src/index.ts";
import { serve } from "./http-server.ts";
import { refusalOf } from "./issuer.ts";

const API = "https://api.example";

/** The same for all: that issuers are kept apart does not hang on their keys alone. */
const key = { ...generateKey("RS256").privateJwk() };

async function startProvider() {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    ttl: { ClientCredentials: 900 },
    clients: [
      {
        client_id: "machine",
        client_secret: "machine-secret",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: "orders:read orders:write",
          audience: resource,
          accessTokenFormat: "jwt",
          accessTokenTTL: 900,
        }),
      },
    },
    extraTokenClaims: () => ({ roles: ["robot"] }),
    scopes: ["orders:read", "orders:write"],
  });
  const handle = provider.callback();
  server.on("request", (request, response) => void handle(request, response));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );

  const token = async (resource: string): Promise<string> => {
    const response = await fetch(`${issuer}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from("machine:machine-secret").toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials", resource, scope: "orders:read" }),
    });
    const { access_token: accessToken, ...others } = (await response.json()) as { access_token?: string };
    if (accessToken === undefined) throw new Error(JSON.stringify(others));
    return accessToken;
  };
  return { issuer, token };
}

test("access tokens of a foreign OpenID provider are verified by what it publishes", async () => {
  const { issuer, token } = await startProvider();
  const guard = createGuard({ issuers: [oidc({ issuer, audience: API })], onWarning: () => {} });
  onTestFinished(() => guard.close());
  await guard.ready();
  expect(await guard.verify(await token(API))).toMatchObject({
    issuer,
    subject: "machine",
    sessionId: null,
    roles: ["robot"],
    scopes: ["orders:read"],
    claims: { client_id: "machine" },
  });
  expect((await refusalOf(guard.verify(await token("https://other.example")))).reason).toBe("claim_invalid");
});

test("a second provider's token is refused, though it signs with the same key", async () => {
  const [trusted, other] = [await startProvider(), await startProvider()];
  const guard = createGuard({ issuers: [oidc({ issuer: trusted.issuer, audience: API })], onWarning: () => {} });
  onTestFinished(() => guard.close());
  expect((await refusalOf(guard.verify(await other.token(API)))).reason).toBe("claim_invalid");
  await guard.verify(await trusted.token(API));
});

describe("tokens that the provider binds to a key", () => {
  /** An API on its own, with a nonce of its own in every proof. */
  async function setUp() {
    const { issuer } = await startProvider();
    const api = await serve((request, response) => handle(request, response));
    const guard = createGuard({
      issuers: [oidc({ issuer, audience: api })],
      resource: api,
      dpop: { required: true, nonceSecret: "n".repeat(32) },
      onWarning: () => {},
    });
    onTestFinished(() => guard.close());
    const handle = authenticate(guard, (_, response, { subject }) => response.end(subject));
    return { issuer, api };
  }

  test("openid-client gets one, and uses it here", async () => {
    const { issuer, api } = await setUp();
    // oxlint-disable-next-line typescript/no-deprecated -- to stand out
    const options = { execute: [client.allowInsecureRequests] };
    const config = await client.discovery(new URL(issuer), "machine", undefined, client.ClientSecretBasic("machine-secret"), options);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
    const tokens = await client.clientCredentialsGrant(config, { resource: api, scope: "orders:read" }, { DPoP });
    expect(tokens.token_type).toBe("dpop");
    const send = async (with_: client.DPoPOptions) => client.fetchProtectedResource(config, tokens.access_token, new URL(`${api}/orders?page=1`), "GET", null, undefined, with_);
    const response = await send({ DPoP });
    expect([response.status, await response.text()]).toEqual([200, "machine"]);
    await expect(send({})).rejects.toMatchObject({ status: 401 });
    const stranger = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
    await expect(send({ DPoP: stranger })).rejects.toMatchObject({ status: 401 });
  });

  test("oauth4webapi does, by keys of other kinds", async () => {
    const { issuer, api } = await setUp();
    // oxlint-disable-next-line typescript/no-deprecated -- to stand out
    const insecure = { [oauth.allowInsecureRequests]: true };
    const address = new URL(issuer);
    const as = await oauth.processDiscoveryResponse(address, await oauth.discoveryRequest(address, insecure));
    const machine = { client_id: "machine" };
    for (const alg of ["Ed25519", "ES256"]) {
      const DPoP = oauth.DPoP({}, await oauth.generateKeyPair(alg));
      const asked = new URLSearchParams({ resource: api, scope: "orders:read" });
      const auth = oauth.ClientSecretBasic("machine-secret");
      const answer = await oauth.clientCredentialsGrantRequest(as, machine, auth, asked, { DPoP, ...insecure });
      const { access_token: token } = await oauth.processClientCredentialsResponse(as, machine, answer);
      const send = () => oauth.protectedResourceRequest(token, "POST", new URL(`${api}/a%20b/~c`), undefined, null, { DPoP, ...insecure });
      await expect(send()).rejects.toMatchObject({ status: 401 });
      // It has learned the nonce.
      expect((await send()).status).toBe(200);
    }
  });
});
