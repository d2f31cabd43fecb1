import { hash } from "node:crypto";
import { auditEvent, LOCAL_ORIGIN } from "../../audit/audit-event.ts";
import type { AuditEvent, AuditEventType } from "../../audit/audit-event.ts";
import type { AuditStore } from "../../audit/audit-store.ts";
import type { Clock } from "../../clock.ts";
import { storeUnavailable } from "../../errors.ts";
import type { RevocationPublisher } from "../../revocation/revocations.ts";
import type { RevocationEffect } from "@ostiary/protocol";
import { NO_PASSWORD } from "../no-password.ts";
import type { Revoked, UserStore, VersionChange } from "../user-store.ts";
import type { User } from "../user.ts";
import type { CheckedDirectory, DirectoryRow } from "./ask-directory.ts";

/** What it takes to follow a directory. `store` has the rows that the server keeps beside the directory's. */
export interface DirectoryDeps {
  readonly directory: CheckedDirectory;
  readonly store: UserStore;
  readonly audit: Pick<AuditStore, "list">;
  readonly revocations: RevocationPublisher;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export function hashIn({ passwordHash }: DirectoryRow): string {
  return passwordHash ?? NO_PASSWORD;
}

export function sameRoles(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((role) => b.includes(role));
}

/** Whether the server's row says what the directory says. Of who is disabled the password does not matter. */
export function isUpToDate(user: User, row: DirectoryRow): boolean {
  const sameAccess = row.disabled ? user.disabledAt !== null : user.disabledAt === null && user.passwordHash === hashIn(row);
  return sameAccess && hasProfile(user, row) && sameRoles(user.roles, row.roles);
}

function hasProfile(user: User, { email, emailVerified, name }: DirectoryRow): boolean {
  return user.email === email && user.emailVerified === emailVerified && user.name === name;
}

/**
 * Brings the server's row up to what the directory says, with all that follows: a change of roles makes access tokens stale,
 * another password ends the sessions, and so does being disabled. `made` is the event if there was no row.
 */
export async function keepUpWith(deps: DirectoryDeps, row: DirectoryRow, made?: AuditEvent): Promise<User> {
  const { store, clock } = deps;
  let user = await knownUser(deps, row, made);
  if (row.disabled) {
    if (user.disabledAt === null) {
      user = revoked(deps, await store.disable(user.id, clock(), change(deps, user, "user_disabled", "revoked")));
    }
  } else if (user.disabledAt !== null) {
    user = there(await store.enable(user.id, event(deps, user.id, "user_enabled")));
  }
  if (!sameRoles(user.roles, row.roles)) {
    user = revoked(
      deps,
      await store.setRoles(user.id, row.roles, change(deps, user, "roles_changed", "stale", { roles: row.roles })),
    );
  }
  const isOther = user.disabledAt === null && user.passwordHash !== hashIn(row);
  return isOther ? takeHash(deps, user, row) : user;
}

/** Whoever is in the directory no more is signed out and kept out. The row stays: versions must not begin anew. */
export async function letGo(deps: DirectoryDeps, id: string): Promise<void> {
  const user = await deps.store.find(id);
  if (user === null || user.disabledAt !== null) return;
  const gone = change(deps, user, "user_disabled", "revoked", { gone: true });
  const result = await deps.store.disable(id, deps.clock(), gone);
  if (result !== null) deps.revocations.publish(result.entry);
}

async function knownUser(deps: DirectoryDeps, row: DirectoryRow, made?: AuditEvent): Promise<User> {
  const user = await deps.store.find(row.id);
  if (user !== null && hasProfile(user, row)) return user;
  const { user: adopted } = await deps.store.adopt(
    {
      id: row.id,
      email: row.email,
      emailVerified: row.emailVerified,
      name: row.name,
      roles: row.roles,
      passwordHash: hashIn(row),
      tokenVersion: 1,
      disabledAt: row.disabled ? deps.clock() : null,
      createdAt: row.createdAt ?? deps.clock(),
    },
    {
      made: made ?? event(deps, row.id, "user_created", { roles: row.roles }),
      updated: event(deps, row.id, "profile_updated", { fields: user === null ? [] : changedFields(user, row) }),
    },
  );
  return adopted;
}

function changedFields(user: User, row: DirectoryRow): string[] {
  return (["email", "emailVerified", "name"] as const).filter((field) => user[field] !== row[field]);
}

/** Another password, which ends the sessions; unless it is the hash of before that we are about to replace. */
async function takeHash(deps: DirectoryDeps, user: User, row: DirectoryRow): Promise<User> {
  const { store, clock } = deps;
  const after = hashIn(row);
  if (await isOnItsWay(deps, user, row)) {
    await writeUpgrade(deps, user.id, after, user.passwordHash);
    return there(await store.find(user.id));
  }
  const changed = await store.changePassword({
    userId: user.id,
    verifiedHash: user.passwordHash,
    newHash: after,
    keepSessionId: null,
    at: clock(),
    ...change(deps, user, "password_changed", "revoked"),
  });
  if (changed !== null) return revoked(deps, changed);
  // Another process has seen it, too, and was first.
  const now = await store.find(user.id);
  if (now?.passwordHash !== after) throw overtaken();
  return now;
}

/** What the event of an upgrade says of the hash it replaced. Of a salted hash, cut off: it serves to know it again. */
export function fingerprint(passwordHash: string): string {
  return hash("sha256", passwordHash).slice(0, 16);
}

/**
 * Whether the directory has the hash that the last upgrade replaced. It is written here first, so that of two who sign in at
 * once, in any process, one replaces it; and a crash in between is made good by whoever comes next.
 */
async function isOnItsWay({ audit }: DirectoryDeps, user: User, row: DirectoryRow): Promise<boolean> {
  const [last] = await audit.list({
    userId: user.id,
    types: ["password_hash_upgraded", "password_changed", "password_reset"],
    limit: 1,
  });
  return last?.type === "password_hash_upgraded" && last.detail["replaced"] === fingerprint(hashIn(row));
}

/**
 * Puts a new hash of the same password into the directory. Where it is not taken, or that fails, the hash of before is put
 * back here; where there is another password by now, that is for whoever looks next.
 */
export async function writeUpgrade(
  deps: DirectoryDeps,
  id: string,
  before: string,
  after: string,
): Promise<"written" | "not_taken" | "failed"> {
  try {
    const written = await deps.directory.update(id, { passwordHash: after }, { passwordHash: before });
    const row = written ?? (await deps.directory.findById(id));
    if (row === null) return "failed";
    if (hashIn(row) === after) return "written";
    if (hashIn(row) !== before) return "failed";
  } catch (error) {
    // Nobody is kept out by it: the hash of before is as good. If it was written after all, it is on its way back.
    deps.onError(error);
    await putBack(deps, id, before, after);
    return "failed";
  }
  await putBack(deps, id, before, after);
  return "not_taken";
}

async function putBack(deps: DirectoryDeps, id: string, before: string, after: string): Promise<void> {
  await deps.store.upgradeHash(id, after, before, event(deps, id, "password_hash_upgraded", { replaced: fingerprint(after) }));
}

/** Audited as what it is: nobody did it here. */
function event({ clock }: DirectoryDeps, userId: string, type: AuditEventType, detail: Record<string, unknown> = {}): AuditEvent {
  return auditEvent(type, clock(), LOCAL_ORIGIN, { userId }, { ...detail, directory: true });
}

function change(
  deps: DirectoryDeps,
  { id }: User,
  reason: AuditEventType,
  effect: RevocationEffect,
  detail: Record<string, unknown> = {},
): VersionChange {
  const at = deps.clock();
  return {
    revocation: (value, version) => ({ kind: "subject", value, version, effect, reason, at }),
    audit: event(deps, id, reason, detail),
  };
}

function revoked({ revocations }: DirectoryDeps, result: Revoked | null): User {
  if (result === null) throw overtaken();
  revocations.publish(result.entry);
  return result.user;
}

function there(user: User | null): User {
  if (user === null) throw overtaken();
  return user;
}

/** Another process was at it: asked again, all is well. */
function overtaken(): Error {
  return storeUnavailable(new Error("A user was changed by two processes at once."));
}
