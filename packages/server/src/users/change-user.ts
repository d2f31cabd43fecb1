import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEventType, Origin } from "../audit/audit-event.ts";
import type { RevocationEffect } from "@ostiary/protocol";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { UserDeps } from "./authenticate.ts";
import type { ExclusionChange, Revoked, VersionChange } from "./user-store.ts";
import { ADMIN_ROLE, checkedRoles } from "./roles.ts";
import type { User } from "./user.ts";

type ChangeDeps = Pick<UserDeps, "store" | "clock"> & { revocations: RevocationPublisher };

/** Older access tokens become stale; sessions live on and refresh to the new roles. Null if there is no such user. */
export async function setRoles(
  deps: ChangeDeps,
  userId: string,
  roles: readonly string[],
  origin: Origin,
): Promise<User | null> {
  const checked = checkedRoles(roles);
  const change = versionChange(deps, userId, "roles_changed", "stale", origin, { roles: checked });
  const exclusion = checked.includes(ADMIN_ROLE) ? change : exclusionOf(change, origin);
  return published(deps, await deps.store.setRoles(userId, checked, exclusion));
}

/** For when what the claims hook returns has changed: tokens are refreshed, sessions live on. */
export async function raiseTokenVersion(deps: ChangeDeps, userId: string, origin: Origin): Promise<User | null> {
  const change = versionChange(deps, userId, "token_version_raised", "stale", origin, {});
  return published(deps, await deps.store.raiseTokenVersion(userId, change));
}

/** The user can no longer sign in, and is signed out everywhere. */
export async function disableUser(deps: ChangeDeps, userId: string, origin: Origin): Promise<User | null> {
  const change = versionChange(deps, userId, "user_disabled", "revoked", origin, {});
  return published(deps, await deps.store.disable(userId, deps.clock(), exclusionOf(change, origin)));
}

/** The user can sign in again. Null if there is no such user. */
export async function enableUser({ store, clock }: ChangeDeps, userId: string, origin: Origin): Promise<User | null> {
  return store.enable(userId, auditEvent("user_enabled", clock(), origin, { userId }));
}

/** The user is signed out everywhere, and is no more; the audit remembers. Null if there was no such user. */
export async function deleteUser(deps: ChangeDeps, userId: string, origin: Origin): Promise<User | null> {
  const change = versionChange(deps, userId, "user_deleted", "revoked", origin, {});
  return published(deps, await deps.store.delete(userId, exclusionOf(change, origin)));
}

function versionChange(
  { clock }: ChangeDeps,
  userId: string,
  reason: AuditEventType,
  effect: RevocationEffect,
  origin: Origin,
  detail: Record<string, unknown>,
): VersionChange {
  const at = clock();
  return {
    revocation: (value, version) => ({ kind: "subject", value, version, effect, reason, at }),
    audit: auditEvent(reason, at, origin, { userId }, detail),
  };
}

/**
 * Administrators leave one of them, even if two shut each other out at once. Whoever has the database may leave none: they
 * can make another.
 */
function exclusionOf(change: VersionChange, origin: Origin): ExclusionChange {
  return origin.by === undefined ? change : { ...change, unlessLast: ADMIN_ROLE };
}

function published({ revocations }: ChangeDeps, revoked: Revoked | null): User | null {
  if (revoked === null) return null;
  revocations.publish(revoked.entry);
  return revoked.user;
}
