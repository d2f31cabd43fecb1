/** What Auth0, Keycloak and Supabase serve and issue, in the shapes their documentation shows, with keys of our own. */
import { randomBytes } from "node:crypto";
import { generateKey, type Key } from "@ostiary/jwt";
import type { Fetch } from "../src/index.ts";

export interface ForeignIssuer {
  readonly url: string;
  readonly key: Key;
  /** By address. */
  readonly documents: Readonly<Record<string, object>>;
}

/** A `fetch` over what these issuers serve, and nothing else. */
export function fetchFrom(issuers: readonly ForeignIssuer[], asked: string[] = []): Fetch {
  const documents = new Map(issuers.flatMap(({ documents: each }) => Object.entries(each)));
  return (url) => {
    asked.push(url);
    const document = documents.get(url);
    if (document === undefined) return Promise.resolve(new Response("Not found", { status: 404 }));
    return Promise.resolve(Response.json(document, { headers: { "cache-control": "public, max-age=600" } }));
  };
}

/** Auth0 documentation, "Locate JSON Web Key Sets" and "Access Token Profiles". */
export function auth0Tenant(domain = "example.eu.auth0.com") {
  const url = `https://${domain}/`;
  const key = generateKey("RS256");
  const other = generateKey("RS256");
  const member = (each: Key) => ({ ...each.publicJwk(), use: "sig", alg: "RS256", x5t: "x5t", x5c: ["MIIDBTCCAe2gAwIBAgIJ"] });
  return {
    url,
    key,
    documents: {
      [`${url}.well-known/openid-configuration`]: {
        issuer: url,
        authorization_endpoint: `${url}authorize`,
        token_endpoint: `${url}oauth/token`,
        userinfo_endpoint: `${url}userinfo`,
        jwks_uri: `${url}.well-known/jwks.json`,
        id_token_signing_alg_values_supported: ["HS256", "RS256", "PS256"],
      },
      [`${url}.well-known/jwks.json`]: { keys: [member(key), member(other)] },
    },
    claims: (now: number) => ({
      iss: url,
      sub: "auth0|123456",
      aud: ["https://api.example", `${url}userinfo`],
      azp: "my_client_id",
      iat: now,
      exp: now + 86_400,
      scope: "openid profile read:patients",
      permissions: ["read:patients", "read:admin"],
      "https://api.example/roles": ["doctor"],
    }),
  } satisfies ForeignIssuer & Record<string, unknown>;
}

/** Keycloak's certs endpoint publishes a key for encryption beside that for signatures. */
export function keycloakRealm(base = "https://sso.example", realm = "demo") {
  const url = `${base}/realms/${realm}`;
  const key = generateKey("RS256");
  const encryption = { ...generateKey("RS256").publicJwk(), use: "enc", alg: "RSA-OAEP" };
  return {
    url,
    key,
    documents: {
      [`${url}/.well-known/openid-configuration`]: {
        issuer: url,
        authorization_endpoint: `${url}/protocol/openid-connect/auth`,
        token_endpoint: `${url}/protocol/openid-connect/token`,
        jwks_uri: `${url}/protocol/openid-connect/certs`,
      },
      [`${url}/protocol/openid-connect/certs`]: {
        keys: [encryption, { ...key.publicJwk(), use: "sig", alg: "RS256", x5c: ["MIICmzCCAYMCBgGO"], "x5t#S256": "x" }],
      },
    },
    claims: (now: number) => ({
      exp: now + 300,
      iat: now,
      auth_time: now,
      jti: "onrtac:6a1b1f0f",
      iss: url,
      aud: ["orders-api", "account"],
      sub: "7ddaf89f-69eb-4ecf-a9ca-acba11211986",
      typ: "Bearer",
      azp: "demo-app",
      sid: "0f5a1b9e-4b7e-4e7c-9d56-000000000000",
      acr: "1",
      "allowed-origins": ["http://localhost:5173"],
      realm_access: { roles: ["offline_access", "default-roles-demo", "uma_authorization", "staff"] },
      resource_access: {
        "orders-api": { roles: ["approver"] },
        account: { roles: ["manage-account", "view-profile"] },
      },
      scope: "openid email orders:read",
      email_verified: true,
      preferred_username: "ada",
    }),
  } satisfies ForeignIssuer & Record<string, unknown>;
}

/** Supabase documentation, "JWT Claims Reference" and "JWT Signing Keys". */
export function supabaseProject(projectUrl = "https://abcdefghijklmnop.supabase.co") {
  const url = `${projectUrl}/auth/v1`;
  const key = generateKey("ES256");
  return {
    url,
    projectUrl,
    key,
    /** As the dashboard shows it: a text. */
    legacySecret: randomBytes(40).toString("base64"),
    documents: {
      [`${url}/.well-known/jwks.json`]: { keys: [{ ...key.publicJwk(), key_ops: ["verify"], use: "sig", alg: "ES256", ext: true }] },
    },
    claims: (now: number) => ({
      aal: "aal1",
      amr: [{ method: "password", timestamp: now }],
      app_metadata: { provider: "email", providers: ["email"], roles: ["editor"] },
      aud: "authenticated",
      email: "ada@example.com",
      exp: now + 3600,
      iat: now,
      iss: url,
      is_anonymous: false,
      phone: "",
      role: "authenticated",
      session_id: "4b938a09-5372-4177-a314-cfa292099ea2",
      sub: "66d2e1bd-0000-4000-8000-000000000000",
      user_metadata: { roles: ["admin"], name: "Ada" },
    }),
  } satisfies ForeignIssuer & Record<string, unknown>;
}
