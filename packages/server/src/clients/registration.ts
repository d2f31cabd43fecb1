import { createKeySet } from "@ostiary/jwt";
import { z } from "zod";
import { OstiaryError } from "../errors.ts";
import { OPENID_SCOPES, SCOPE_NAME } from "../tokens/scope-names.ts";
import { checkedRoles } from "../users/roles.ts";

/** How a client proves to be itself at the token endpoint (OIDC Core §9). `none`: a public client, which cannot. */
export const AUTHENTICATION_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"] as const;
export type AuthenticationMethod = (typeof AUTHENTICATION_METHODS)[number];

/** The grant of a device that has no browser (RFC 8628 §3.4). */
export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** What a client may ask for. `refresh_token` goes with what users allow, where `offline_access` is granted. */
export const GRANT_TYPES = ["authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** Whether anybody may say to be this client: then only a key that its refresh tokens are bound to keeps others from them. */
export function isPublicClient({ tokenEndpointAuthMethod }: Pick<Registration, "tokenEndpointAuthMethod">): boolean {
  return tokenEndpointAuthMethod === "none";
}

/** What a client of OAuth has told of itself. Names as in dynamic registration (RFC 7591 §2), in camelCase. */
export interface Registration {
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly tokenEndpointAuthMethod: AuthenticationMethod;
  /** What it may ask for. */
  readonly scopes: readonly string[];
  /** What its tokens in its own name say that it is; of users' tokens it has no say. */
  readonly roles: readonly string[];
  /**
   * One of the operator's own: its users are not asked for their consent, and its tokens carry their roles and your own
   * claims.
   */
  readonly firstParty: boolean;
  /** Public keys, for `private_key_jwt`. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | null;
  /** Where they are instead, so that it can change them by itself. */
  readonly jwksUri?: string | null | undefined;
  readonly backchannelLogoutUri: string | null;
  /** Whether it gets no token without a proof of possession (RFC 9449 §5.2). */
  readonly dpopBoundAccessTokens: boolean;
  /** Whether it starts sign-ins by pushed requests only (RFC 9126 §6). */
  readonly requirePushedAuthorizationRequests: boolean;
}

const MAX_URI = 2000;

const uris = z.array(z.string()).max(50, "must be at most 50");
const scopes = z.array(z.string().regex(SCOPE_NAME, "must be scopes")).max(100, "must be at most 100");
const roles = z.array(z.string()).max(50, "must be at most 50");
const publicKeys = z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(10) }).nullable();
const backchannelLogoutUri = z.string().nullable();
const jwksUri = z.string().nullable().optional().meta({ description: "In place of `jwks`: an address that anybody can reach." });
const redirectUris = uris.meta({
  description: "Compared character by character; only the port of a loopback address may differ.",
});

export const registrationRequest = z.strictObject({
  redirectUris: redirectUris.default([]),
  postLogoutRedirectUris: uris.default([]),
  grantTypes: z
    .array(z.enum(GRANT_TYPES))
    .optional()
    .meta({ description: "Default: `authorization_code` and `refresh_token`, or `client_credentials` without redirect URIs." }),
  tokenEndpointAuthMethod: z.enum(AUTHENTICATION_METHODS).default("client_secret_basic"),
  scopes: scopes
    .optional()
    .meta({ description: "Default: openid, profile, email, offline_access; none for `client_credentials`." }),
  roles: roles.default([]).meta({ description: "In the tokens that it gets in its own name: for `client_credentials` only." }),
  firstParty: z.boolean().default(false),
  jwks: publicKeys.default(null),
  jwksUri,
  backchannelLogoutUri: backchannelLogoutUri.default(null),
  dpopBoundAccessTokens: z.boolean().default(false),
  requirePushedAuthorizationRequests: z.boolean().default(false),
});

/** As it is kept. */
export const registrationResponse = z.object({
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  grantTypes: z.array(z.enum(GRANT_TYPES)),
  tokenEndpointAuthMethod: z.enum(AUTHENTICATION_METHODS),
  scopes: z.array(z.string()),
  roles: z.array(z.string()),
  firstParty: z.boolean(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
  jwksUri,
  backchannelLogoutUri: z.string().nullable(),
  dpopBoundAccessTokens: z.boolean(),
  requirePushedAuthorizationRequests: z.boolean(),
});

/** What may be changed later; nothing has a default. How a client proves who it is, and what for, makes it another client. */
export const registrationChanges = z
  .strictObject({
    redirectUris,
    postLogoutRedirectUris: uris,
    scopes,
    roles,
    firstParty: z.boolean(),
    jwks: publicKeys,
    jwksUri,
    backchannelLogoutUri,
    dpopBoundAccessTokens: z.boolean(),
    requirePushedAuthorizationRequests: z.boolean(),
  })
  .partial();

/** What may be said when a client is made; what is left out has a default. */
export type NewRegistration = z.input<typeof registrationRequest>;

/** Throws `invalid_request`, with the field, for what no client may be registered with. */
export function checkedRegistration(given: NewRegistration): Registration {
  const parsed = registrationRequest.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(String(issue?.path[0] ?? "registration"), issue?.message ?? "is invalid");
  }
  const { redirectUris: redirects, grantTypes = defaultGrantTypes(redirects), scopes: asked, ...rest } = parsed.data;
  const comesBack = grantTypes.includes("authorization_code");
  const isForUsers = comesBack || grantTypes.includes(DEVICE_GRANT);
  const registration: Registration = {
    ...rest,
    redirectUris: [...new Set(redirects)],
    grantTypes: [...new Set(grantTypes)],
    scopes: [...new Set(asked ?? (isForUsers ? OPENID_SCOPES : []))],
    roles: checkedRoles(rest.roles),
  };
  const isPublic = isPublicClient(rest);
  if (comesBack && redirects.length === 0) throw invalid("redirectUris", "must have at least one for authorization_code");
  if (!comesBack && redirects.length > 0) throw invalid("redirectUris", "are for authorization_code only");
  if (grantTypes.length === 0) throw invalid("grantTypes", "must have at least one");
  if (grantTypes.includes("refresh_token") && !isForUsers) {
    throw invalid("grantTypes", "has refresh_token without a grant of users to refresh");
  }
  if (isPublic && grantTypes.includes("client_credentials")) {
    throw invalid("grantTypes", "has client_credentials, which a public client cannot prove to be");
  }
  if (registration.roles.length > 0 && !isServiceAccount(registration)) {
    throw invalid("roles", "are for client_credentials only: users bring their own");
  }
  for (const uri of redirects) requireRedirectUri("redirectUris", uri, isPublic);
  for (const uri of rest.postLogoutRedirectUris) requireRedirectUri("postLogoutRedirectUris", uri, isPublic);
  if (rest.backchannelLogoutUri !== null) requireWebUri("backchannelLogoutUri", rest.backchannelLogoutUri);
  const hasKeysElsewhere = typeof rest.jwksUri === "string";
  if (hasKeysElsewhere && rest.jwks !== null) throw invalid("jwks", "and jwksUri are two ways to say the same: choose one");
  const hasKeys = hasKeysElsewhere || rest.jwks !== null;
  if (hasKeys !== (rest.tokenEndpointAuthMethod === "private_key_jwt")) {
    throw invalid(hasKeysElsewhere ? "jwksUri" : "jwks", "goes with private_key_jwt, and only with it");
  }
  if (hasKeysElsewhere) requireWebUri("jwksUri", rest.jwksUri ?? "");
  if (rest.jwks !== null) requireUsableKeys(rest.jwks);
  return registration;
}

/** Whether it has tokens in its own name, and may have API keys. */
export function isServiceAccount(registration: Pick<Registration, "grantTypes"> | null): boolean {
  return registration?.grantTypes.includes("client_credentials") === true;
}

function defaultGrantTypes(redirects: readonly string[]): GrantType[] {
  return redirects.length > 0 ? ["authorization_code", "refresh_token"] : ["client_credentials"];
}

/**
 * `https`; `http` on a loopback address; or, for apps on a device, a scheme of their own with a dot in it (RFC 8252 §7,
 * RFC 9700 §2.6). No fragment (RFC 6749 §3.1.2), no user information, nothing that browsers would read in another way.
 */
function requireRedirectUri(field: string, uri: string, isPublic: boolean): void {
  const url = parsedUri(field, uri);
  if (url.protocol === "https:") return;
  if (url.protocol === "http:") {
    if (isLoopback(url)) return;
    throw invalid(field, `must be https, or a loopback address: ${uri}`);
  }
  if (/^[a-z][a-z\d+-]*\.[a-z\d.+-]+:$/.test(url.protocol)) {
    if (isPublic) return;
    throw invalid(field, `may have a scheme of its own in a public client only: ${uri}`);
  }
  throw invalid(field, `must be https, or a scheme of your own that is a reversed domain name: ${uri}`);
}

function requireWebUri(field: string, uri: string): void {
  const url = parsedUri(field, uri);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) {
    throw invalid(field, `must be https, or a loopback address: ${uri}`);
  }
}

function parsedUri(field: string, uri: string): URL {
  const url = uri.length <= MAX_URI && /^[\x21-\x7e]+$/.test(uri) && !/[\\<>"`{}|^*]/.test(uri) ? URL.parse(uri) : null;
  if (url === null || url.username !== "" || url.password !== "" || uri.includes("#")) {
    throw invalid(
      field,
      `must be absolute, without fragment, user information or wildcards: ${JSON.stringify(uri.slice(0, 100))}`,
    );
  }
  return url;
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

function requireUsableKeys(jwks: NonNullable<Registration["jwks"]>): void {
  if (jwks.keys.some((key) => ["d", "k", "p", "q"].some((name) => Object.hasOwn(key, name)))) {
    throw invalid("jwks", "must have public keys only");
  }
  const { ignored } = createKeySet({ keys: [...jwks.keys] });
  const [first] = ignored;
  if (first !== undefined) throw invalid("jwks", `has a key that cannot be used: ${first.reason}`);
}

function invalid(field: string, problem: string): OstiaryError {
  return new OstiaryError("invalid_request", `${field} ${problem}.`, { reason: "invalid_field", field });
}
