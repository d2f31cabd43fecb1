import type { Identity } from "@ostiary/guard";
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
  const user = await deps.users.store.find(identity.subject);
  if (user === null || user.disabledAt !== null) {
    throw new OstiaryError("invalid_token", "There is no such user any more.", { reason: "token_revoked" });
  }
  return { user, identity };
}
