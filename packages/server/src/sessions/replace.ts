import { OstiaryError } from "../errors.ts";
import { isProven } from "./bound-session.ts";
import { sessionOfToken } from "./find.ts";
import { revokeSession } from "./revoke.ts";
import type { SessionDeps } from "./session-deps.ts";
import { isLive } from "./session.ts";
import type { Session } from "./session.ts";

/**
 * Ends the session that a browser had before it signed in anew: whoever knew its cookies is out, and nobody stays signed
 * in where no list of devices makes sense of it. What is no token of a live session is passed over, and so is another user's
 * that is bound to a key which the sign-in did not prove to have.
 */
export async function endReplacedSession(deps: SessionDeps, earlierToken: string | null, current: Session): Promise<void> {
  const earlier = earlierToken === null ? null : await liveSessionOf(deps, earlierToken);
  if (earlier === null) return;
  // Its cookie may be a copy: whoever has one and not the key could end it by signing in as themselves.
  if (earlier.userId !== current.userId && !isProven(earlier, current.proofKey)) return;
  await endEarlierSession(deps, earlier, current);
}

/**
 * Ends one that `current` takes the place of in its browser. Who has only proved anew who they are stays signed in to apps:
 * these are told once `current` ends.
 */
export async function endEarlierSession(
  deps: Pick<SessionDeps, "store" | "revocations" | "clock">,
  earlier: Pick<Session, "id" | "userId">,
  current: Session,
): Promise<void> {
  if (earlier.id === current.id) return;
  if (earlier.userId !== current.userId) await revokeSession(deps, earlier, "replaced", current.device);
  else await revokeSession(deps, earlier, "renewed", current.device, { renewedBy: current.id }, current);
}

async function liveSessionOf(deps: SessionDeps, token: string): Promise<Session | null> {
  try {
    const session = await sessionOfToken(deps, deps.refreshTokens.read(token));
    return session !== null && isLive(session, deps.clock()) ? session : null;
  } catch (error) {
    if (error instanceof OstiaryError && error.code === "invalid_token") return null;
    throw error;
  }
}
