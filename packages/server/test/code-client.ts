/** A server with somebody signed in, and clients that exchange codes at its token endpoint. */
import { hash } from "node:crypto";
import { decode } from "@ostiary/jwt";
import type { ErrorBody } from "@ostiary/protocol";
import { onTestFinished } from "vitest";
import { auditEvent, LOCAL_ORIGIN } from "../src/audit/audit-event.ts";
import type { ClientWithSecret } from "../src/clients/clients.ts";
import { OPENID_SCOPES } from "../src/tokens/scope-names.ts";
import type { NewRegistration } from "../src/clients/registration.ts";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import type { AuthorizationCode } from "../src/oauth/oauth-store.ts";
import { systemRandom } from "../src/random.ts";
import type { Ostiary } from "../src/ostiary.ts";
import { hashOf } from "../src/sessions/hash-of.ts";
import { openStore } from "../src/stores/open-store.ts";
import type { Store } from "../src/stores/store.ts";
import { START, TestClient, basic, startTestServer, temporaryFile } from "./test-server.ts";
import type { Answer } from "./test-server.ts";

export const REDIRECT = "https://shop.example/callback";
export const API = "https://api.example";
export const OTHER_API = "https://other.example/v1";
/** Long enough, and of every character there may be (RFC 7636 §4.1). */
export const VERIFIER = "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789_~";

export interface TokenBody extends ErrorBody {
  access_token: string;
  token_type: string;
  expires_in: number;
  scope?: string;
  refresh_token?: string;
  id_token?: string;
}

export type Form = Record<string, string> | [string, string][];

/** `scopes.staff` is a role's; `orders:*` are everyone's. */
export const OAUTH_CONFIG: OstiaryConfig = { audience: [API, OTHER_API], scopes: { staff: ["stock:write"] } };
const SCOPES = [...OPENID_SCOPES, "orders:read", "orders:write", "stock:write"];

export async function startOAuth(config: OstiaryConfig = {}, registration: Partial<NewRegistration> = {}) {
  const path = temporaryFile();
  const databaseUrl = `sqlite:${path}`;
  const server = await startTestServer({ databaseUrl, ...OAUTH_CONFIG, ...config });
  const store = await openStore({ databaseUrl });
  onTestFinished(() => store.close());
  const browser = new TestClient(server);
  const tokens = await browser.signup("ada@example.com", { delivery: "body", name: "Ada" });
  const app = await createApp(server, registration);
  return { path, server, store, browser, tokens, ...appOf(server, store, app, tokens) };
}

export function createApp(
  server: Pick<Ostiary, "clients">,
  registration: Partial<NewRegistration> = {},
): Promise<ClientWithSecret> {
  return server.clients.create({ name: "Shop", registration: { redirectUris: [REDIRECT], scopes: SCOPES, ...registration } });
}

/** What a client does for a user who is signed in with that access token. */
export function appOf(
  server: Ostiary,
  store: Store,
  app: ClientWithSecret,
  { accessToken }: { accessToken: string },
  now = START,
) {
  const { sub: userId = "", sid } = decode(accessToken).claims;
  const client = new TestClient(server);
  const post = <Body = TokenBody>(path: string, form: Form, headers: Record<string, string> = proofOf(app)) =>
    client.call<Body>("POST", path, { body: formOf(form, headers, app), headers: formHeaders(headers) });

  async function allow(scopes: readonly string[]): Promise<void> {
    if (app.registration?.firstParty === true) return;
    const audit = auditEvent("consent_given", now, LOCAL_ORIGIN, { userId });
    await store.oauth.consents.allow(userId, app.clientId, scopes, now, audit);
  }

  /** A code as if the user had just allowed this. */
  async function newCode(more: Partial<AuthorizationCode> = {}): Promise<string> {
    const { scopes = ["openid", "profile", "email", "offline_access", "orders:read"] } = more;
    await allow(scopes);
    const code = systemRandom.bytes(32);
    const text = Buffer.from(code).toString("base64url");
    await store.oauth.codes.keep({
      hash: hashOf(text),
      clientId: app.clientId,
      userId,
      signOnId: String(sid),
      sessionId: systemRandom.uuid(),
      jti: Buffer.from(systemRandom.bytes(16)).toString("base64url"),
      redirectUri: REDIRECT,
      codeChallenge: hash("sha256", VERIFIER, "base64url"),
      scopes,
      resources: [],
      nonce: "n-0S6_WzA2Mj",
      proofKey: null,
      createdAt: now,
      expiresAt: now + 60_000,
      redeemedAt: null,
      ...more,
    });
    return text;
  }

  const exchange = (form: Form, headers?: Record<string, string>): Promise<Answer<TokenBody>> =>
    post("/oauth/token", form, headers);
  const redeem = (code: string, more: Record<string, string> = {}, headers?: Record<string, string>) =>
    exchange({ grant_type: "authorization_code", code, code_verifier: VERIFIER, redirect_uri: REDIRECT, ...more }, headers);
  const refresh = (token: string | undefined, more: Record<string, string> = {}, headers?: Record<string, string>) =>
    exchange({ grant_type: "refresh_token", refresh_token: token ?? "", ...more }, { ...proofOf(app), ...headers });
  const userinfo = (bearer: string, method: "GET" | "POST" = "GET") =>
    client.call<Record<string, unknown> & ErrorBody>(method, "/oauth/userinfo", { bearer });
  return { app, client, userId, signOnId: String(sid), post, newCode, exchange, redeem, refresh, userinfo };
}

/** How the client proves who it is where it does so in a header; others have it in the form. */
function proofOf(app: ClientWithSecret): Record<string, string> {
  return app.registration?.tokenEndpointAuthMethod === "client_secret_basic" ? { authorization: basic(app) } : {};
}

/** Others name themselves in the form, and prove it there if they can. */
function formOf(form: Form, headers: Record<string, string>, app: ClientWithSecret): string {
  const fields = new URLSearchParams(form);
  const method = app.registration?.tokenEndpointAuthMethod;
  const isInForm = (method === "none" || method === "client_secret_post") && headers["authorization"] === undefined;
  if (isInForm && !fields.has("client_id")) fields.set("client_id", app.clientId);
  if (isInForm && method === "client_secret_post" && !fields.has("client_secret")) fields.set("client_secret", app.clientSecret);
  return fields.toString();
}

function formHeaders(headers: Record<string, string>): Record<string, string> {
  return { "content-type": "application/x-www-form-urlencoded", ...headers };
}

export function claimsOf(token: string | undefined): Record<string, unknown> {
  return { ...decode(token ?? "").claims };
}

/** A resource server's question. */
export async function startIntrospection(server: Ostiary) {
  const guard = await server.clients.create({ name: "API", guard: true });
  const client = new TestClient(server);
  return async (token: string): Promise<Record<string, unknown>> => {
    const headers = formHeaders({ authorization: basic(guard) });
    const body = new URLSearchParams({ token }).toString();
    return (await client.call<Record<string, unknown>>("POST", "/oauth/introspect", { body, headers })).body;
  };
}
