import type { Client } from "../clients/client.ts";
import type { Registration } from "../clients/registration.ts";
import { OstiaryError } from "../errors.ts";
import { ACR_VALUES } from "../sessions/authentication.ts";
import type { Acr } from "../sessions/authentication.ts";
import { isCodeChallenge } from "./pkce.ts";
import { isRegisteredUri } from "./redirect-uri.ts";
import { checkedResources } from "./resources.ts";
import type { Audiences } from "./resources.ts";
import { checkedScopes } from "./scopes.ts";

/** What came with the request by name, each as often as it came; nothing that was empty. */
type Parameters = ReadonlyMap<string, readonly string[]>;

export const PROMPTS = ["none", "login", "consent", "select_account"] as const;
export type Prompt = (typeof PROMPTS)[number];

export const RESPONSE_MODES = ["query", "form_post"] as const;
export type ResponseMode = (typeof RESPONSE_MODES)[number];

/** A client that may send users here. */
export type SigningInClient = Client & { readonly registration: Registration };

/** Where the answer goes, whatever it is. */
export interface ReplyTo {
  readonly client: SigningInClient;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly state: string | null;
}

/** What a client asks for, once all of it is known to be in order (OAuth 2.1 §4.1.1, OIDC Core §3.1.2.1). */
export interface AuthorizationRequest {
  readonly replyTo: ReplyTo;
  readonly scopes: readonly string[];
  /** Empty: the configured audience. */
  readonly resources: readonly string[];
  readonly codeChallenge: string;
  readonly nonce: string | null;
  /** Thumbprint of the key that the code is to be bound to (RFC 9449 §10). */
  readonly proofKey: string | null;
  readonly prompts: ReadonlySet<Prompt>;
  readonly maxAgeSeconds: number | null;
  /** How sure the client would like to be of who signed in: the most welcome of what we know. It is told what there is. */
  readonly wishedAcr: Acr | null;
  readonly loginHint: string | null;
  readonly idTokenHint: string | null;
}

/** An answer to the client in place of a code (OAuth 2.1 §4.1.2.1, OIDC Core §3.1.2.6, RFC 8707 §2). */
export type AuthorizationErrorCode =
  | "invalid_request"
  | "unsupported_response_type"
  | "invalid_scope"
  | "invalid_target"
  | "access_denied"
  | "login_required"
  | "consent_required"
  | "request_not_supported"
  | "request_uri_not_supported"
  | "registration_not_supported";

export class AuthorizationRefused extends Error {
  override readonly name = "AuthorizationRefused";
  readonly code: AuthorizationErrorCode;

  constructor(code: AuthorizationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * In characters of the request as sign-in carries it in its own address, where each `%` has become three: nothing honest comes
 * near, and no step of the way is longer than a server takes (16 KB of headers with Node).
 */
const MAX_LENGTH = 6000;

/**
 * Who is to be answered. Throws `invalid_request` if it is not known to whom: that is told to the person who came, and
 * nobody is sent anywhere (OAuth 2.1 §4.1.2.1).
 */
export async function readReplyTo(
  parameters: Parameters,
  findClient: (id: string) => Promise<Client | null>,
): Promise<ReplyTo> {
  const clientId = onlyOne(parameters, "client_id");
  const redirectUri = onlyOne(parameters, "redirect_uri");
  const client = await findClient(clientId);
  if (client === null || !maySignIn(client)) throw unanswerable("client_id is of no client that may sign users in.");
  if (!isRegisteredUri(redirectUri, client.registration.redirectUris)) {
    throw unanswerable("redirect_uri is not one that the client is registered with, character by character.");
  }
  const [mode] = parameters.get("response_mode") ?? [];
  const states = parameters.get("state") ?? [];
  return {
    client,
    redirectUri,
    responseMode: mode === "form_post" ? mode : "query",
    // Of two there is no saying which the client waits for; line breaks would not come back as they went.
    state: states.length === 1 && isPlain(states[0] ?? "") ? (states[0] ?? null) : null,
  };
}

/** Throws AuthorizationRefused, and `invalid_scope` or `invalid_target`. */
export function checkedRequest(parameters: Parameters, replyTo: ReplyTo, audiences: Audiences): AuthorizationRequest {
  const one = (name: string): string | undefined => parameters.get(name)?.[0];
  for (const [name, values] of parameters) {
    if (values.length > 1 && name !== "resource") throw refused("invalid_request", `A parameter comes twice: ${shown(name)}.`);
    if (!values.every(isPlain)) throw refused("invalid_request", `A parameter has control characters: ${shown(name)}.`);
  }
  for (const name of ["request", "request_uri", "registration"] as const) {
    if (parameters.has(name)) throw refused(`${name}_not_supported`, `${name} is not supported.`);
  }
  const responseType = required(one("response_type"), "response_type");
  if (responseType !== "code") throw refused("unsupported_response_type", "response_type must be code.");
  const mode = one("response_mode");
  if (mode !== undefined && !isOneOf(RESPONSE_MODES, mode)) {
    throw refused("invalid_request", `response_mode must be ${RESPONSE_MODES.join(" or ")}.`);
  }
  return {
    replyTo,
    scopes: checkedScopes(one("scope"), replyTo.client.registration),
    resources: checkedResources(parameters.get("resource") ?? [], audiences),
    codeChallenge: checkedChallenge(one("code_challenge"), one("code_challenge_method")),
    nonce: one("nonce") ?? null,
    proofKey: requestedProofKey(one("dpop_jkt")),
    prompts: checkedPrompts(one("prompt")),
    maxAgeSeconds: checkedMaxAge(one("max_age")),
    wishedAcr: (one("acr_values") ?? "").split(" ").find((value) => isOneOf(ACR_VALUES, value)) ?? null,
    loginHint: one("login_hint") ?? null,
    idTokenHint: one("id_token_hint") ?? null,
  };
}

/** Throws `invalid_request` for a request, as a URL, that is longer than any of a client that means well. */
export function requireFittingLength(url: string): void {
  const { length } = encodeURIComponent(url);
  if (length > MAX_LENGTH) {
    throw unanswerable(`The request must have at most ${MAX_LENGTH} characters, percent-encoded as a whole; it has ${length}.`);
  }
}

function maySignIn(client: Client): client is SigningInClient {
  return client.registration?.grantTypes.includes("authorization_code") === true;
}

/** RFC 7636 §4.3, where only S256 is left of the methods (RFC 9700 §2.1.1). */
function checkedChallenge(challenge: string | undefined, method: string | undefined): string {
  const given = required(challenge, "code_challenge");
  if (method !== "S256") throw refused("invalid_request", "code_challenge_method must be S256.");
  if (!isCodeChallenge(given)) {
    throw refused("invalid_request", "code_challenge must be the base64url of a SHA-256: 43 characters.");
  }
  return given;
}

/**
 * Thumbprint of the key that the code is to be bound to: by the parameter `dpop_jkt`, or as a pushed request proves it in
 * its header. Both must name the same (RFC 9449 §10.1). Throws AuthorizationRefused.
 */
export function requestedProofKey(parameter: string | undefined, proven: string | null = null): string | null {
  if (parameter === undefined) return proven;
  if (!/^[\w-]{43}$/.test(parameter)) {
    throw refused("invalid_request", "dpop_jkt must be the base64url of a SHA-256: 43 characters.");
  }
  if (proven !== null && proven !== parameter) {
    throw refused("invalid_request", "dpop_jkt names another key than the proof is by.");
  }
  return parameter;
}

function checkedPrompts(text: string | undefined): ReadonlySet<Prompt> {
  const prompts = (text ?? "").split(" ").filter(Boolean);
  const known = prompts.filter((prompt) => isOneOf(PROMPTS, prompt));
  if (known.length < prompts.length) throw refused("invalid_request", `prompt must be of ${PROMPTS.join(", ")}.`);
  if (known.includes("none") && known.length > 1) throw refused("invalid_request", "prompt=none goes with no other.");
  return new Set(known);
}

function checkedMaxAge(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,10}$/.test(text)) throw refused("invalid_request", "max_age must be a number of seconds.");
  return Number(text);
}

function onlyOne(parameters: Parameters, name: string): string {
  const [value, ...more] = parameters.get(name) ?? [];
  if (value === undefined) throw unanswerable(`${name} is missing.`);
  if (more.length > 0) throw unanswerable(`${name} comes twice.`);
  if (!isPlain(value)) throw unanswerable(`${name} has control characters.`);
  return value;
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw refused("invalid_request", `${name} is missing.`);
  return value;
}

function isOneOf<Word extends string>(words: readonly Word[], text: string): text is Word {
  return (words as readonly string[]).includes(text);
}

function isPlain(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

/** An error's description has few characters to choose from (RFC 6749 §4.1.2.1), and a name can be anybody's. */
function shown(name: string): string {
  return /^[\w.-]{1,40}$/.test(name) ? name : "one of another's making";
}

function refused(code: AuthorizationErrorCode, message: string): AuthorizationRefused {
  return new AuthorizationRefused(code, message);
}

function unanswerable(message: string): OstiaryError {
  return new OstiaryError("invalid_request", message);
}
