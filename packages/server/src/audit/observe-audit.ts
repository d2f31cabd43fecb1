import type { ClientStore } from "../clients/client-store.ts";
import type { KeyStore } from "../keys/key-store.ts";
import type { OAuthStore } from "../oauth/oauth-store.ts";
import type { RevocationStore } from "../revocation/revocation-store.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { UserStore } from "../users/user-store.ts";
import type { AuditEvent } from "./audit-event.ts";
import type { AuditStore } from "./audit-store.ts";

interface Stores {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly clients: ClientStore;
  readonly keys: KeyStore;
  readonly revocations: RevocationStore;
  readonly audit: AuditStore;
  readonly oauth: OAuthStore;
}

/** What writes no events. Whoever adds a method to a store says here that it is one of these, or has it observed below. */
type Silent = {
  users: "takesImports" | "find" | "findByEmail" | "list" | "search" | "count";
  sessions: "find" | "listLive" | "listKept" | "countLive" | "knowsDevice" | "dropEnded";
  clients: "find" | "findAll" | "list";
  keys: "read" | "revision";
  revocations: "entriesAfter" | "dropExpired" | "recordTokenLifetime" | "watch";
  audit: "dropOlder" | "list" | "listFrom" | "count" | "countOfSession";
};

/** The same of the stores of OAuth. */
type SilentOAuth = {
  codes: "noteReplay" | "find" | "redeem" | "tokensOf";
  consents: "find" | "list";
  signOns: "note" | "keepGrant" | "findGrant" | "sessionsOf" | "sessionOf" | "markEnded" | "takeDue" | "settle";
  once: "use";
};

/**
 * The same stores, which tell `notice` of every event once it is in the audit: events are written in the transaction of
 * what they tell of, so that is known only when the store has answered.
 */
export function observeAudit<Observed extends Stores>(stores: Observed, notice: (event: AuditEvent) => void): Observed {
  const { users, sessions, clients, keys, revocations, audit, oauth } = stores;
  const { codes, consents, signOns, once } = oauth;
  /** What a store gives for nothing done: null, false. */
  const noted = <Result>(result: Result, ...events: readonly (AuditEvent | null)[]): Result => {
    if (result !== null && result !== false) for (const event of events) if (event !== null) notice(event);
    return result;
  };
  const observedOAuth: { readonly [Name in keyof SilentOAuth]: Omit<OAuthStore[Name], SilentOAuth[Name]> } = {
    codes: {
      async keep(code, along) {
        await codes.keep(code, along);
        if (along !== undefined) notice(along.audit);
      },
    },
    consents: {
      async allow(userId, clientId, scopes, at, event) {
        await consents.allow(userId, clientId, scopes, at, event);
        notice(event);
      },
      withdraw: async (userId, clientId, event) => noted(await consents.withdraw(userId, clientId, event), event),
    },
    signOns: {},
    once: {},
  };
  const observed: { readonly [Name in Exclude<keyof Stores, "oauth">]: Omit<Stores[Name], Silent[Name]> } = {
    audit: {
      append: async (event) => noted(await audit.append(event), event),
    },
    users: {
      create: async (user, event) => noted(await users.create(user, event), event),
      async adopt(user, { made, updated }) {
        const adopted = await users.adopt(user, { made, updated });
        return noted(adopted, adopted.isNew ? made : updated);
      },
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
      enable: async (id, event) => noted(await users.enable(id, event), event),
      delete: async (id, change) => noted(await users.delete(id, change), change.audit),
    },
    sessions: {
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
    clients: {
      create: async (client, event) => noted(await clients.create(client, event), event),
      replaceSecret: async (id, hash, event) => noted(await clients.replaceSecret(id, hash, event), event),
      async update(id, change) {
        let event: AuditEvent | null = null;
        const result = await clients.update(id, (client) => {
          const changed = change(client);
          event = changed.audit;
          return changed;
        });
        return noted(result, event);
      },
      delete: async (id, deletion) => noted(await clients.delete(id, deletion), deletion.audit),
    },
    keys: {
      write: async (change) => noted(await keys.write(change), ...change.audit),
    },
    revocations: {
      append: async (draft, event) => noted(await revocations.append(draft, event), event),
    },
  };
  return {
    ...stores,
    users: { ...users, ...observed.users },
    sessions: { ...sessions, ...observed.sessions },
    clients: { ...clients, ...observed.clients },
    keys: { ...keys, ...observed.keys },
    revocations: { ...revocations, ...observed.revocations },
    audit: { ...audit, ...observed.audit },
    oauth: {
      ...oauth,
      codes: { ...codes, ...observedOAuth.codes },
      consents: { ...consents, ...observedOAuth.consents },
      signOns: { ...signOns, ...observedOAuth.signOns },
      once: { ...once, ...observedOAuth.once },
    },
  };
}
