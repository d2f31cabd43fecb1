import type { Guard, Identity } from "@ostiary/guard";
import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { OstiaryError } from "../errors.ts";
import type { User } from "../users/user.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/**
 * Whose access token the request carries, of the server's own sign-in: what was given to another application is for that
 * application's APIs and for userinfo. Throws what the guard throws, and `insufficient_scope`.
 */
export async function ownIdentity(c: HttpContext, { guard }: Pick<HttpDeps, "guard">): Promise<Identity> {
  const identity = await guard.authenticate(c.req.raw);
  if (identity.claims.client_id === FIRST_PARTY_CLIENT_ID) return identity;
  throw new OstiaryError("insufficient_scope", "This needs a token of the server's own sign-in, not of another application.");
}

/** The user of the request's access token. Throws what the guard throws, or `invalid_token` if the user is no more. */
export async function currentUser(c: HttpContext, deps: HttpDeps): Promise<{ user: User; identity: Identity }> {
  const identity = await ownIdentity(c, deps);
  return { user: await findUser(c, deps, identity, deps.guard), identity };
}

/**
 * The user of a token that `guard` has let in. Where users are in a table of the application's, what has happened to them
 * may be seen only now: what comes with a token of before is not carried out.
 */
export async function findUser(
  c: HttpContext,
  { users }: Pick<HttpDeps, "users">,
  identity: Identity,
  guard: Guard,
): Promise<User> {
  const user = await users.store.find(identity.subject);
  if (user === null || user.disabledAt !== null) {
    throw new OstiaryError("invalid_token", "There is no such user any more.", { reason: "token_revoked" });
  }
  if (user.tokenVersion > identity.claims.ver) {
    // It knows the reason, unless another process has seen it and this one is still to be told. A proof is good once.
    if (identity.claims.cnf === undefined) await guard.authenticate(c.req.raw);
    throw new OstiaryError("invalid_token", "The user has changed since this token was issued.", { reason: "token_stale" });
  }
  return user;
}
