import { isApiScope, isScope, OPENID_SCOPES } from "../tokens/scope-names.ts";
import type { Registration } from "../clients/registration.ts";
import { OstiaryError } from "../errors.ts";

type Asking = Pick<Registration, "scopes" | "grantTypes">;

/**
 * What is asked for in a user's name, in the order of the request. Left out: the scopes of APIs that the client is
 * registered for, none of OpenID Connect's. `offline_access` counts for nothing in a client that may not refresh (OIDC
 * Core §11). Throws `invalid_scope` for what the client is not registered for, and if nothing is left to be granted.
 */
export function checkedScopes(requested: string | undefined, registration: Asking): string[] {
  const scopes = registeredScopes(requested, registration);
  const mayRefresh = registration.grantTypes.includes("refresh_token");
  return someOf(scopes.filter((scope) => mayRefresh || scope !== "offline_access"));
}

/** What a client asks for in its own name: the same without the scopes of OpenID Connect, which are about a user. */
export function checkedClientScopes(requested: string | undefined, registration: Asking): string[] {
  const scopes = registeredScopes(requested, registration);
  const aboutUser = scopes.find((scope) => !isApiScope(scope));
  if (aboutUser !== undefined) throw refused(`${aboutUser} is about a user, and there is none.`);
  return someOf(scopes);
}

/** Less than was granted, or the same (RFC 6749 §6). Throws `invalid_scope` for more. */
export function narrowedScopes(requested: string | undefined, granted: readonly string[]): string[] {
  if (requested === undefined) return [...granted];
  const scopes = parsedScopes(requested);
  if (scopes.some((scope) => !granted.includes(scope))) throw refused("scope asks for more than was granted.");
  return scopes;
}

/** Every scope that the server itself knows of (`scopes_supported`); clients may be registered for others. */
export function supportedScopes({ scopes }: { readonly scopes: Readonly<Record<string, readonly string[]>> }): string[] {
  return [...new Set([...OPENID_SCOPES, ...Object.values(scopes).flat()])];
}

function registeredScopes(requested: string | undefined, { scopes: registered }: Asking): string[] {
  if (requested === undefined) return registered.filter(isApiScope);
  const scopes = parsedScopes(requested);
  if (scopes.some((scope) => !registered.includes(scope))) throw refused("scope has one that this client may not ask for.");
  return scopes;
}

/** One space between two, as the grammar has it. */
function parsedScopes(text: string): string[] {
  const scopes = text.split(" ");
  if (!scopes.every(isScope)) throw refused("scope must be names with one space between two.");
  return [...new Set(scopes)];
}

/** A token that is for nothing would still be let in wherever nobody looks at scopes. */
function someOf(scopes: string[]): string[] {
  if (scopes.length === 0) throw refused("scope must name something that this client may ask for.");
  return scopes;
}

function refused(message: string): OstiaryError {
  return new OstiaryError("invalid_scope", message);
}
