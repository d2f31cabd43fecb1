import type { Identity } from "@ostiary/guard";
import { OstiaryError } from "../../../errors.ts";
import type { Adding } from "../../../second-factors/add-factor.ts";
import { factorsOf, hasSecondFactors } from "../../../second-factors/second-factors.ts";
import { MFA_ACR } from "../../../sessions/authentication.ts";
import type { User } from "../../../users/user.ts";
import { currentUser } from "../../current-user.ts";
import { deviceOf } from "../../device.ts";
import { FRESH_MS, mayChangeFactors } from "../../fresh-sign-in.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";

/**
 * Who asks, and has only just proved who they are, by a second factor if they have one: whoever finds an app open, or has got
 * hold of a token, must not change what lets people in. Throws `insufficient_user_authentication`, and what `currentUser` throws.
 */
export async function freshUser(c: HttpContext, deps: HttpDeps): Promise<{ user: User; by: Adding }> {
  const { user, identity } = await currentUser(c, deps);
  const factors = await factorsOf(deps.factors, user.id);
  const session = await deps.sessions.store.find(identity.sessionId);
  if (session === null || session.userId !== user.id || !mayChangeFactors({ session, user }, factors, deps.sessions.clock())) {
    throw stale(c, identity, hasSecondFactors(factors));
  }
  return { user, by: { sessionId: session.id, origin: deviceOf(c) } };
}

function stale(c: HttpContext, { claims }: Identity, needsMfa: boolean): OstiaryError {
  const how = needsMfa ? " with a second factor" : "";
  const error = new OstiaryError("insufficient_user_authentication", `Sign in again${how}, and do this within ten minutes.`);
  // RFC 9470 §3.
  const acr = needsMfa ? `, acr_values="${MFA_ACR}"` : "";
  const scheme = claims.cnf === undefined ? "Bearer" : "DPoP";
  c.header(
    "WWW-Authenticate",
    `${scheme} error="${error.code}", error_description="${error.message}", max_age="${FRESH_MS / 1000}"${acr}`,
  );
  return error;
}
