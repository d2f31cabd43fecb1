import type { Algorithm } from "@ostiary/jwt";
import { z } from "zod";
import { OstiaryError } from "../../errors.ts";
import { isShownText } from "../../users/shown-text.ts";
import type { Client } from "../client.ts";
import { checkedRegistration, DEVICE_GRANT, GRANT_TYPES } from "../registration.ts";
import { isApiScope } from "../../tokens/scope-names.ts";
import type { GrantType, Registration } from "../registration.ts";
import type { Said } from "./self-registered.ts";

/** What clients that came by themselves may be. */
export interface MetadataPolicy {
  readonly scopes: readonly string[];
  /** Whether they may ask in their own name. */
  readonly clientCredentials: boolean;
  /** Of ID tokens: there is one. */
  readonly idTokenAlgorithm: Algorithm;
  /** What assertions may be signed with. */
  readonly assertionAlgorithms: readonly string[];
}

export interface Told {
  readonly name: string;
  readonly registration: Registration;
  readonly said: Said;
}

const text = z.string().max(2000);
const texts = z.array(text).max(50);
const words = text.min(1).max(200);

/**
 * Client metadata (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2) as far as anything comes of it. What we
 * know and cannot do has the values that change nothing; all other names are left alone, as the RFCs have it.
 */
const metadata = z.object({
  redirect_uris: texts,
  post_logout_redirect_uris: texts,
  grant_types: z.array(text).max(20),
  response_types: z.array(text).max(20),
  token_endpoint_auth_method: text,
  token_endpoint_auth_signing_alg: text,
  scope: text,
  client_name: text,
  client_uri: text,
  logo_uri: text,
  policy_uri: text,
  tos_uri: text,
  contacts: texts,
  software_id: words,
  software_version: words,
  application_type: z.enum(["web", "native"]),
  sector_identifier_uri: text,
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  jwks_uri: text,
  backchannel_logout_uri: text,
  backchannel_logout_session_required: z.boolean(),
  dpop_bound_access_tokens: z.boolean(),
  require_pushed_authorization_requests: z.boolean(),
  subject_type: z.literal("public"),
  require_auth_time: z.boolean(),
  id_token_signed_response_alg: text,
  frontchannel_logout_session_required: z.literal(false),
  require_signed_request_object: z.literal(false),
  tls_client_certificate_bound_access_tokens: z.literal(false),
}).partial();
type Metadata = z.output<typeof metadata>;

/** What would have to be encrypted, or signed besides: to leave it out without a word would be less than was asked for. */
const NOT_DONE = [
  "id_token_encrypted_response_alg",
  "userinfo_signed_response_alg",
  "userinfo_encrypted_response_alg",
  "request_object_signing_alg",
  "request_object_encryption_alg",
  "authorization_signed_response_alg",
  "introspection_signed_response_alg",
];

/** Of another name in the metadata than in a registration. */
const NAMES: Readonly<Record<string, string>> = {
  redirectUris: "redirect_uris",
  postLogoutRedirectUris: "post_logout_redirect_uris",
  grantTypes: "grant_types",
  tokenEndpointAuthMethod: "token_endpoint_auth_method",
  scopes: "scope",
  jwksUri: "jwks_uri",
  backchannelLogoutUri: "backchannel_logout_uri",
};

/** Characters that turn a line of text around: a name that has them is not what it looks like. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const MAX_NAME = 100;

/**
 * What comes of what a client says of itself: what it asks for is a wish, and the answer says what was granted.
 * Throws `invalid_client_metadata`, `invalid_redirect_uri` or `invalid_software_statement` (RFC 7591 §3.2.2).
 */
export function readMetadata(given: Readonly<Record<string, unknown>>, policy: MetadataPolicy): Told {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  if ("software_statement" in present) {
    throw new OstiaryError("invalid_software_statement", "Nobody's software statements are known here: leave it out.");
  }
  for (const name of NOT_DONE) if (name in present) throw refused(`${name} cannot be done here.`);
  const parsed = metadata.safeParse(present);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? "The metadata");
    throw refused(`${name} is not of a value that can be taken.`, name === "redirect_uris");
  }
  const said = parsed.data;
  checkWishes(said, policy);
  const grantTypes = grantTypesOf(said, policy);
  const method = said.token_endpoint_auth_method ?? "client_secret_basic";
  const hasKeys = method === "private_key_jwt";
  try {
    const registration = checkedRegistration({
      redirectUris: said.redirect_uris ?? [],
      postLogoutRedirectUris: said.post_logout_redirect_uris ?? [],
      grantTypes,
      tokenEndpointAuthMethod: method as Registration["tokenEndpointAuthMethod"],
      scopes: scopesOf(said, grantTypes, policy),
      firstParty: false,
      // Others have keys for what is not done here.
      jwks: hasKeys ? (said.jwks ?? null) : null,
      ...(hasKeys && said.jwks_uri !== undefined ? { jwksUri: said.jwks_uri } : {}),
      backchannelLogoutUri: said.backchannel_logout_uri ?? null,
      dpopBoundAccessTokens: said.dpop_bound_access_tokens ?? false,
      requirePushedAuthorizationRequests: said.require_pushed_authorization_requests ?? false,
    });
    return { name: nameOf(said), registration, said: rest(said) };
  } catch (error) {
    if (!(error instanceof OstiaryError) || error.code !== "invalid_request") throw error;
    const { field = "" } = error;
    const name = NAMES[field] ?? field;
    throw refused(error.message.replace(field, name), field === "redirectUris");
  }
}

/** The same names the other way round: all that is registered, what was left out included (RFC 7591 §3.2.1). */
export function writeMetadata(
  { name, registration, selfRegistered }: Client,
  idTokenAlgorithm: Algorithm,
): Record<string, unknown> {
  if (registration === null) return {};
  const { jwks, jwksUri, backchannelLogoutUri, postLogoutRedirectUris, redirectUris, grantTypes, scopes } = registration;
  return {
    client_name: name,
    redirect_uris: redirectUris,
    grant_types: grantTypes,
    response_types: grantTypes.includes("authorization_code") ? ["code"] : [],
    token_endpoint_auth_method: registration.tokenEndpointAuthMethod,
    scope: scopes.join(" "),
    application_type: "web",
    subject_type: "public",
    id_token_signed_response_alg: idTokenAlgorithm,
    dpop_bound_access_tokens: registration.dpopBoundAccessTokens,
    require_pushed_authorization_requests: registration.requirePushedAuthorizationRequests,
    ...(postLogoutRedirectUris.length === 0 ? {} : { post_logout_redirect_uris: postLogoutRedirectUris }),
    ...(jwks === null ? {} : { jwks }),
    ...(jwksUri === undefined || jwksUri === null ? {} : { jwks_uri: jwksUri }),
    ...(backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: backchannelLogoutUri, backchannel_logout_session_required: true }),
    ...selfRegistered?.said,
  };
}

function checkWishes(said: Metadata, { idTokenAlgorithm, assertionAlgorithms }: MetadataPolicy): void {
  if (said.jwks !== undefined && said.jwks_uri !== undefined) {
    throw refused("jwks and jwks_uri are two ways to say the same: choose one.");
  }
  const { id_token_signed_response_alg: idToken = idTokenAlgorithm, token_endpoint_auth_signing_alg: assertion } = said;
  if (idToken !== idTokenAlgorithm) throw refused(`id_token_signed_response_alg must be ${idTokenAlgorithm}.`);
  if (assertion !== undefined && !assertionAlgorithms.includes(assertion)) {
    throw refused(`token_endpoint_auth_signing_alg must be one of ${assertionAlgorithms.join(", ")}.`);
  }
  for (const name of ["client_uri", "logo_uri", "policy_uri", "tos_uri"] as const) {
    const uri = said[name];
    // Links on a page of ours: of nothing that a browser would run.
    if (uri !== undefined && (!/^https?:\/\//i.test(uri) || !URL.canParse(uri) || !/^[\x21-\x7e]+$/.test(uri))) {
      throw refused(`${name} must be a web address.`);
    }
  }
  for (const shown of [said.client_name, said.software_id, said.software_version, ...(said.contacts ?? [])]) {
    if (shown !== undefined && !isPlain(shown)) throw refused("A text has characters that cannot be shown.");
  }
  if (said.client_name !== undefined && (said.client_name.trim() === "" || said.client_name.length > MAX_NAME)) {
    throw refused(`client_name must have 1 to ${MAX_NAME} characters.`);
  }
}

/** RFC 7591 §2: `authorization_code` alone, if nothing is said; and `response_types` that go with it (§2.1). */
function grantTypesOf(
  { grant_types: asked = ["authorization_code"], response_types }: Metadata,
  { clientCredentials }: MetadataPolicy,
): GrantType[] {
  const known = asked.filter((one): one is GrantType => (GRANT_TYPES as readonly string[]).includes(one));
  if (known.length < asked.length) throw refused(`grant_types must be of ${GRANT_TYPES.join(", ")}.`);
  if (known.includes("client_credentials") && !clientCredentials) {
    throw refused("grant_types has client_credentials, which the operator alone can register.");
  }
  const isForUsers = known.includes("authorization_code");
  const types = response_types ?? (isForUsers ? ["code"] : []);
  if (types.some((type) => type !== "code")) throw refused("response_types must be code: nothing else is answered here.");
  if (isForUsers !== types.includes("code")) {
    throw refused("response_types has code if and only if grant_types has authorization_code.");
  }
  return known;
}

/** What is asked for and may be had; all that may be had, if nothing is said. */
function scopesOf({ scope }: Metadata, grantTypes: readonly GrantType[], { scopes: allowed }: MetadataPolicy): string[] {
  const isForUsers = grantTypes.includes("authorization_code") || grantTypes.includes(DEVICE_GRANT);
  const possible = isForUsers ? allowed : allowed.filter(isApiScope);
  if (scope === undefined) return [...possible];
  const asked = scope.split(" ").filter(Boolean);
  const granted = asked.filter((one) => possible.includes(one));
  if (asked.length > 0 && granted.length === 0) throw refused(`scope must have one of: ${possible.join(" ")}.`);
  return granted;
}

function nameOf({ client_name: name, redirect_uris: [first = ""] = [] }: Metadata): string {
  if (name !== undefined) return name.trim();
  const host = URL.parse(first)?.hostname ?? "";
  return host === "" ? "Unnamed app" : host.slice(0, MAX_NAME);
}

const SAID = [
  "client_uri",
  "logo_uri",
  "policy_uri",
  "tos_uri",
  "contacts",
  "software_id",
  "software_version",
  "application_type",
  "sector_identifier_uri",
] as const satisfies (keyof Said & keyof Metadata)[];

function rest(said: Metadata): Said {
  return Object.fromEntries(SAID.flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]]])));
}

function isPlain(shown: string): boolean {
  return isShownText(shown) && !TURNING.test(shown);
}

function refused(message: string, isRedirectUri = false): OstiaryError {
  return new OstiaryError(isRedirectUri ? "invalid_redirect_uri" : "invalid_client_metadata", message);
}
