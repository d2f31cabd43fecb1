import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import type { DescribedOrigin } from "../mail/device-detail.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import { counted, recordFailure } from "./authenticate.ts";
import type { LoginDeps } from "./authenticate.ts";
import { NO_PASSWORD } from "./no-password.ts";
import type { User } from "./user.ts";

type ReplaceDeps = Pick<LoginDeps, "store" | "passwords" | "clock" | "desk"> & { revocations: RevocationPublisher };

/**
 * Replaces a password: the user's other sessions end, and older access tokens are stale, this session's included.
 * Throws `invalid_credentials` if the current password is wrong, `invalid_request` if the new one is outside the limits,
 * `too_many_attempts` after several wrong ones.
 */
export async function changePassword(
  deps: Omit<LoginDeps, "knowsDevice"> & { revocations: RevocationPublisher },
  change: { userId: string; sessionId: string; currentPassword: string; newPassword: string },
  origin: DescribedOrigin,
  signal?: AbortSignal,
): Promise<void> {
  const user = await requirePassword(deps, change, "password_changed", origin, signal);
  await replace(deps, user, change, { origin, detail: {} }, signal);
}

/**
 * Gives a password to a user who has none, and came by another issuer; what follows is what follows a change.
 * Throws `invalid_credentials` if there is one by now, `invalid_request` if this one is outside the limits.
 */
export async function setFirstPassword(
  deps: ReplaceDeps,
  change: { userId: string; sessionId: string; newPassword: string },
  origin: DescribedOrigin,
  signal?: AbortSignal,
): Promise<void> {
  const user = await deps.store.find(change.userId);
  if (user === null) throw wrongPassword();
  await replace(deps, { ...user, passwordHash: NO_PASSWORD }, change, { origin, detail: { first: true } }, signal);
}

/** `user` has the hash that was verified. */
async function replace(
  { store, passwords, revocations, desk, clock }: ReplaceDeps,
  user: User,
  { sessionId, newPassword }: { sessionId: string; newPassword: string },
  { origin, detail }: { origin: DescribedOrigin; detail: Record<string, unknown> },
  signal: AbortSignal | undefined,
): Promise<void> {
  const newHash = await passwords.hash(newPassword, "newPassword", { context: [user.email, user.name], signal });
  const at = clock();
  const notice = desk?.draft({ kind: "password_changed", userId: user.id, to: user.email, detail: deviceDetail(origin) });
  const changed = await store.changePassword({
    userId: user.id,
    verifiedHash: user.passwordHash,
    newHash,
    keepSessionId: sessionId,
    at,
    revocation: (value, version) => ({ kind: "subject", value, version, effect: "stale", reason: "password_changed", at }),
    audit: auditEvent("password_changed", at, origin, { userId: user.id, sessionId }, detail, notice),
  });
  // Somebody else changed it while this was hashed.
  if (changed === null) throw wrongPassword();
  revocations.publish(changed.entry);
}

/**
 * The user, if they tell the current password: whoever holds an access token alone changes nothing of how they sign in.
 * Throws `invalid_credentials`, or `too_many_attempts` after several wrong ones. `wanted`: what it is for, for the audit.
 */
export async function requirePassword(
  { store, audit, passwords, limits, clock }: Omit<LoginDeps, "knowsDevice">,
  { userId, sessionId, currentPassword }: { userId: string; sessionId: string; currentPassword: string },
  wanted: "password_changed" | "email_change_requested",
  origin: Origin,
  signal?: AbortSignal,
): Promise<User> {
  const user = await store.find(userId);
  // Who holds a stolen access token could guess the password here.
  const attempt = await limits.passwordChange({ userId, sessionId });
  if (user === null || !(await counted(attempt, passwords.verify(currentPassword, user.passwordHash, signal)))) {
    const detail = wanted === "password_changed" ? {} : { wanted };
    await recordFailure(audit, attempt, auditEvent("password_change_failed", clock(), origin, { userId, sessionId }, detail));
    throw wrongPassword();
  }
  await attempt.succeeded();
  return user;
}

function wrongPassword(): OstiaryError {
  return new OstiaryError("invalid_credentials", "The current password is wrong.", { field: "currentPassword" });
}
