/** What a route may ask of an identity, for every framework alike. Each gives the refusal, or undefined to let pass. */
import { MFA_ACR, PASSWORD_ACR } from "@ostiary/protocol";
import { admissionOf } from "./asking.ts";
import { insufficientAuthentication, insufficientRole, insufficientScope, missingToken } from "./challenge.ts";
import { checkNames, checkNumber } from "./check-options.ts";
import type { GuardError } from "./guard-error.ts";
import type { AnyIdentity } from "./identity.ts";

export type Requirement = (identity: AnyIdentity | undefined) => GuardError | undefined;

/** RFC 6749 §3.3; anything else could also break out of the quoted string in a challenge. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Any of `roles` is enough. Throws a TypeError when there are none. */
export function anyRole(roles: readonly string[]): Requirement {
  if (roles.length === 0 || roles.some((role) => typeof role !== "string" || role === "")) {
    throw new TypeError("authorize needs the names of the roles to let in");
  }
  return (identity) => {
    if (identity === undefined) return missingToken();
    return roles.some((role) => identity.roles.includes(role)) ? undefined : insufficientRole();
  };
}

/** All of `scopes` are needed. Throws a TypeError when there are none, or one is no scope (RFC 6749 §3.3). */
export function allScopes(scopes: readonly string[]): Requirement {
  if (scopes.length === 0 || scopes.some((scope) => typeof scope !== "string" || !SCOPE_TOKEN.test(scope))) {
    throw new TypeError("requireScope needs the names of the scopes, each as one argument");
  }
  return (identity) => {
    if (identity === undefined) return missingToken();
    return scopes.every((scope) => identity.scopes.includes(scope)) ? undefined : insufficientScope(scopes, identity);
  };
}

export interface RecentOptions {
  /** In whole seconds, 1 to 31,536,000: how long ago the user may have proved who they are. */
  readonly maxAgeSeconds: number;
  /** By what, as `amr` has it (RFC 8176): `["mfa"]`, `["otp", "pop"]`. Any of them is enough. Default: by anything. */
  readonly methods?: readonly string[];
}

/** The clocks of issuer and guard may be apart. What is further ahead is no time at all, and would be recent for ever. */
const AHEAD_SECONDS = 60;

/**
 * Not before the user signed in less than `maxAgeSeconds` ago, and by one of `methods` (RFC 9470). What does not say when is
 * refused: API keys, and tokens of programs. Throws a TypeError for an option that is missing, unknown or out of range.
 */
export function recentSignIn(options: RecentOptions): Requirement {
  checkNames("requireRecent", options, ["maxAgeSeconds", "methods"]);
  const { maxAgeSeconds, methods } = options;
  checkNumber("maxAgeSeconds", maxAgeSeconds, { min: 1, max: 31_536_000, whole: true });
  if (methods !== undefined && !isListOfNames(methods)) throw new TypeError("methods must be a list of words as amr has them");
  return (identity) => {
    if (identity === undefined) return missingToken();
    const { auth_time: at, amr } = identity.claims;
    const { clock = Date.now, isOurs = false } = admissionOf(identity) ?? {};
    // Whole seconds, as `auth_time` has them.
    const age = typeof at === "number" ? Math.floor(clock() / 1000) - at : Number.NaN;
    const isRecent = age <= maxAgeSeconds && age >= -AHEAD_SECONDS;
    const isBySuch = methods === undefined || (Array.isArray(amr) && methods.some((method) => amr.includes(method)));
    if (isRecent && isBySuch) return undefined;
    // What others call it, they have to be asked for by their own words.
    return insufficientAuthentication(maxAgeSeconds, isOurs && methods !== undefined ? acrFor(methods) : undefined, identity);
  };
}

/**
 * The `acr` whose tokens all have one of `methods`, the least first. None for what a token may lack whatever its `acr`, as `otp`
 * alone, which a passkey does without: who is asked for an `acr` that they have is sent straight back, and refused again.
 */
function acrFor(methods: readonly string[]): string | undefined {
  const has = (method: string): boolean => methods.includes(method);
  if (has("pwd")) return PASSWORD_ACR;
  return has("mfa") || (has("otp") && (has("pop") || has("user"))) ? MFA_ACR : undefined;
}

function isListOfNames(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === "string" && each !== "");
}
