import { isDeepStrictEqual } from "node:util";
import { OstiaryError } from "../../errors.ts";
import type { Registration } from "../registration.ts";

const NAMES = ["scopes", "dpopBoundAccessTokens", "requirePushedAuthorizationRequests"] as const;

/** What the operator has set of a registration that a client made itself: the client takes back none of it. */
export type Held = Partial<Pick<Registration, (typeof NAMES)[number]>>;

/** What is held once the operator has made `after` of `before`. */
export function heldAfter(held: Held, before: Registration | null, after: Registration | null): Held {
  if (after === null) return held;
  const names = NAMES.filter((name) => !isDeepStrictEqual(before?.[name], after[name]));
  return { ...held, ...Object.fromEntries(names.map((name) => [name, after[name]])) };
}

/** What the client tells, within what is held. Throws `invalid_client_metadata` if no scope is left. */
export function withinHeld(told: Registration, held: Held = {}): Registration {
  const scopes = told.scopes.filter((scope) => held.scopes?.includes(scope) !== false);
  if (scopes.length === 0 && told.scopes.length > 0) {
    throw new OstiaryError("invalid_client_metadata", "scope must have one that the operator has left this client.");
  }
  const { dpopBoundAccessTokens = false, requirePushedAuthorizationRequests = false } = held;
  return {
    ...told,
    scopes,
    dpopBoundAccessTokens: told.dpopBoundAccessTokens || dpopBoundAccessTokens,
    requirePushedAuthorizationRequests: told.requirePushedAuthorizationRequests || requirePushedAuthorizationRequests,
  };
}
