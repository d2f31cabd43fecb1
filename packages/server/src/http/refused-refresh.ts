import type { Delivery } from "@ostiary/protocol";
import { OstiaryError } from "../errors.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

const SESSION_IS_DEAD: readonly (string | undefined)[] = ["session_revoked", "session_expired", "refresh_token_reused"];
const NEVER_OURS: readonly (string | undefined)[] = ["token_malformed", "signature_invalid"];

/** What follows when a refresh token was refused: tokens that were never ours are counted, cookies of a dead session go. */
export async function noteRefusedRefresh(
  c: HttpContext,
  deps: HttpDeps,
  error: unknown,
  { presented, delivery }: { presented: string; delivery: Delivery },
): Promise<void> {
  if (!(error instanceof OstiaryError)) return;
  if (NEVER_OURS.includes(error.reason)) await deps.users.limits.wrongToken(deviceOf(c).ip);
  if (delivery === "cookie" && SESSION_IS_DEAD.includes(error.reason)) await clearDeadCookies(c, deps, presented);
}

/**
 * Never for a lost race: another tab's answer may have put a good token into the jar in the meantime. Nor for a session
 * that a sign-in in this browser has replaced: its cookies are there already, or on their way.
 */
async function clearDeadCookies(c: HttpContext, deps: HttpDeps, presented: string): Promise<void> {
  const session = await deps.sessions.store.find(deps.sessions.refreshTokens.read(presented).sessionId);
  const reason = session?.revokedReason;
  if (reason !== "replaced" && reason !== "renewed") deps.cookies.clearSession(c);
}
