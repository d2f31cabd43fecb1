/** What a route may ask of an identity, for every framework alike. Each gives the refusal, or undefined to let pass. */
import { insufficientRole, insufficientScope, missingToken } from "./challenge.ts";
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
    return scopes.every((scope) => identity.scopes.includes(scope)) ? undefined : insufficientScope(scopes);
  };
}
