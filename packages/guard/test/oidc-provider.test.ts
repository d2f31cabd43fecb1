/** A real foreign issuer: the certified OpenID provider of another author, running. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKey } from "@ostiary/jwt";
import { Provider } from "oidc-provider";
import { expect, onTestFinished, test } from "vitest";
import { createGuard, oidc } from "../src/index.ts";
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
