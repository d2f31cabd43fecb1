import type { Identity } from "@ostiary/guard";
import { OstiaryError } from "../errors.ts";
import type { User } from "../users/user.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/** The user of the request's access token. Throws what the guard throws, or `invalid_token` if the user is no more. */
export async function currentUser(c: HttpContext, deps: HttpDeps): Promise<{ user: User; identity: Identity }> {
  const identity = await deps.guard.authenticate(c.req.raw);
  const user = await deps.users.store.find(identity.subject);
  if (user === null || user.disabledAt !== null) {
    throw new OstiaryError("invalid_token", "There is no such user any more.", { reason: "token_revoked" });
  }
  return { user, identity };
}
