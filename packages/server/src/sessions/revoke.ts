import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { SessionDeps } from "./session-deps.ts";
import type { SessionRevocation } from "./session-store.ts";
import type { RevokedReason } from "./session.ts";

/** Ends one session. Ending it again changes nothing. False if there is no such session. */
export async function revokeSession(
  { store, revocations, clock }: Pick<SessionDeps, "store" | "revocations" | "clock">,
  session: { id: string; userId: string },
  reason: RevokedReason,
  origin: Origin,
  detail: Readonly<Record<string, unknown>> = {},
  renewedBy?: SessionRevocation["renewedBy"],
): Promise<boolean> {
  const at = clock();
  const result = await store.revoke(session.id, {
    at,
    reason,
    entry: { kind: "session", value: session.id, effect: "revoked", reason, at },
    audit: auditEvent(
      reason === "logout" ? "logout" : "session_revoked",
      at,
      origin,
      { userId: session.userId, sessionId: session.id },
      { reason, ...detail },
    ),
    ...(renewedBy === undefined ? {} : { renewedBy }),
  });
  if (result === null) return false;
  if (result.entry !== null) revocations.publish(result.entry);
  return true;
}

/** Ends all sessions of a user and makes every access token they hold worthless. False if there is no such user. */
export async function revokeAllSessions(
  { store, revocations, clock }: Pick<SessionDeps, "store" | "revocations" | "clock">,
  userId: string,
  sessionId: string | null,
  origin: Origin,
): Promise<boolean> {
  const at = clock();
  const revoked = await store.revokeAll(userId, at, "logout_all", {
    revocation: (value, version) => ({ kind: "subject", value, version, effect: "revoked", reason: "logout_all", at }),
    audit: auditEvent("logout_all", at, origin, { userId, sessionId }),
  });
  if (revoked === null) return false;
  revocations.publish(revoked.entry);
  return true;
}
