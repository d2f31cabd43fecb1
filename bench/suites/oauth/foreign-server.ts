/** node-oidc-provider under test, a process of its own, set up to do the same: ES256, S256, the same claims, rotation. */
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { generateKey } from "@ostiary/jwt";
import { Provider } from "oidc-provider";
import { MapAdapter } from "./map-adapter.ts";
import { API, REDIRECT_URI } from "./messages.ts";
import { sqliteAdapter } from "./sqlite-adapter.ts";
import type { Credentials, ServerOptions } from "./messages.ts";

const { port, issuer, credentialsFile, accessTokens, databaseUrl } = JSON.parse(process.argv[2] ?? "") as ServerOptions;
const credentials: Credentials = { clientId: "bench", clientSecret: "u0Tn2zq0oJ1c6g2v1y9v6c0o8w1v6x2s3e4r5t6y7u8" };
const provider = new Provider(issuer, {
  adapter: databaseUrl === "" ? MapAdapter : sqliteAdapter(databaseUrl.slice("sqlite:".length)),
  clients: [
    {
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      redirect_uris: [REDIRECT_URI],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token"],
      require_auth_time: true,
      id_token_signed_response_alg: "ES256",
    },
  ],
  jwks: { keys: [{ ...generateKey("ES256").privateJwk(), use: "sig", alg: "ES256" }] },
  cookies: { keys: ["a secret of the benchmarks"] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  // The user's claims are in the ID token, as in ours.
  conformIdTokenClaims: false,
  claims: { openid: ["sub", "sid", "acr", "amr", "auth_time"], profile: ["name"], email: ["email", "email_verified"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: "Ada Lovelace", email: id, email_verified: false }) }),
  ttl: { AccessToken: 900, AuthorizationCode: 60, IdToken: 900, RefreshToken: 604_800, Interaction: 900, Session: 604_800, Grant: 604_800 },
  features: {
    resourceIndicators: {
      enabled: accessTokens === "jwt",
      defaultResource: () => API,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "",
        audience: API,
        accessTokenFormat: "jwt",
        accessTokenTTL: 900,
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});
const handle = provider.callback();
const server = createServer((request, response) => void handle(request, response));
server.listen(port, "127.0.0.1", () => writeFileSync(credentialsFile, JSON.stringify(credentials)));
process.once("SIGTERM", () => process.exit(0));
