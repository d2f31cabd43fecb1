import type { SessionStore } from "../sessions/session-store.ts";
import type { UserStore } from "../users/user-store.ts";
import type { AuditEvent } from "./audit-event.ts";
import type { AuditStore } from "./audit-store.ts";

interface Stores {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
}

/**
 * The same stores, which tell `notice` of every event once it is in the audit: events are written in the transaction of
 * what they tell of, so that is known only when the store has answered.
 */
export function observeAudit<Observed extends Stores>(stores: Observed, notice: (event: AuditEvent) => void): Observed {
  const { users, sessions, audit } = stores;
  /** What a store gives for nothing done: null, false. */
  const noted = <Result>(result: Result, event: AuditEvent | null): Result => {
    if (event !== null && result !== null && result !== false) notice(event);
    return result;
  };
  return {
    ...stores,
    audit: {
      ...audit,
      append: async (event) => noted(await audit.append(event), event),
    },
    users: {
      ...users,
      create: async (user, event) => noted(await users.create(user, event), event),
      async createAll(all) {
        const created = await users.createAll(all);
        for (const { user, audit: event } of all) noted(created.has(user.id), event);
        return created;
      },
      rename: async (id, name, event) => noted(await users.rename(id, name, event), event),
      changePassword: async (change) => noted(await users.changePassword(change), change.audit),
      upgradeHash: async (id, verified, next, event) => noted(await users.upgradeHash(id, verified, next, event), event),
      setRoles: async (id, roles, change) => noted(await users.setRoles(id, roles, change), change.audit),
      raiseTokenVersion: async (id, change) => noted(await users.raiseTokenVersion(id, change), change.audit),
      disable: async (id, at, change) => noted(await users.disable(id, at, change), change.audit),
    },
    sessions: {
      ...sessions,
      create: async (session, hash, event) => noted(await sessions.create(session, hash, event), event),
      async rotate(id, decide) {
        // A store may ask again: what it was told last is what it has written.
        let last: AuditEvent | null = null;
        const result = await sessions.rotate(id, (session, user) => {
          const rotation = decide(session, user);
          last = rotation.audit;
          return rotation;
        });
        return noted(result, last);
      },
      async revoke(id, revocation) {
        const result = await sessions.revoke(id, revocation);
        noted(result?.entry ?? null, revocation.audit);
        return result;
      },
      revokeAll: async (userId, at, reason, change) => noted(await sessions.revokeAll(userId, at, reason, change), change.audit),
    },
  };
}
