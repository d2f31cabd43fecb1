import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import { counted, recordFailure } from "./authenticate.ts";
import type { LoginDeps } from "./authenticate.ts";

/**
 * Replaces a password: the user's other sessions end, and older access tokens are stale, this session's included.
 * Throws `invalid_credentials` if the current password is wrong, `invalid_request` if the new one is outside the limits,
 * `too_many_attempts` after several wrong ones.
 */
export async function changePassword(
  deps: Omit<LoginDeps, "knowsDevice"> & { revocations: RevocationPublisher },
  change: { userId: string; sessionId: string; currentPassword: string; newPassword: string },
  origin: Origin,
  signal?: AbortSignal,
): Promise<void> {
  const { store, audit, passwords, revocations, clock } = deps;
  const who = { userId: change.userId, sessionId: change.sessionId };
  const user = await store.find(change.userId);
  // Who holds a stolen access token could guess the password here.
  const attempt = await deps.limits.passwordChange(change);
  if (user === null || !(await counted(attempt, passwords.verify(change.currentPassword, user.passwordHash, signal)))) {
    await recordFailure(audit, attempt, auditEvent("password_change_failed", clock(), origin, who));
    throw wrongPassword();
  }
  await attempt.succeeded();
  const newHash = await passwords.hash(change.newPassword, "newPassword", { context: [user.email, user.name], signal });
  const at = clock();
  const changed = await store.changePassword({
    userId: user.id,
    verifiedHash: user.passwordHash,
    newHash,
    keepSessionId: change.sessionId,
    at,
    revocation: (value, version) => ({
      kind: "subject",
      value,
      version,
      effect: "stale",
      reason: "password_changed",
      at,
    }),
    audit: auditEvent("password_changed", at, origin, who),
  });
  // Somebody else changed it while this was hashed.
  if (changed === null) throw wrongPassword();
  revocations.publish(changed.entry);
}

function wrongPassword(): OstiaryError {
  return new OstiaryError("invalid_credentials", "The current password is wrong.", { field: "currentPassword" });
}
