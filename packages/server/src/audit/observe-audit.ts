import type { ApiKeyStore } from "../api-keys/api-key-store.ts";
import type { ClientStore } from "../clients/client-store.ts";
import type { FederationStore } from "../federation/federation-store.ts";
import type { SelfRegisteredStore } from "../clients/self-registered/self-registered-store.ts";
import type { KeyStore } from "../keys/key-store.ts";
import type { MailStore } from "../mail/mail-store.ts";
import type { OAuthStore } from "../oauth/oauth-store.ts";
import type { RevocationStore } from "../revocation/revocation-store.ts";
import type { SecondFactorStore } from "../second-factors/second-factor-store.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { UserStore } from "../users/user-store.ts";
import type { AuditEvent } from "./audit-event.ts";
import type { AuditStore } from "./audit-store.ts";

interface Stores {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly clients: ClientStore;
  readonly selfRegistered: SelfRegisteredStore;
  readonly keys: KeyStore;
  readonly revocations: RevocationStore;
  readonly audit: AuditStore;
  readonly oauth: OAuthStore;
  readonly federation: FederationStore;
  readonly apiKeys: ApiKeyStore;
  readonly mail: MailStore;
  readonly secondFactors: SecondFactorStore;
}

/** What writes no events. Whoever adds a method to a store says here that it is one of these, or has it observed below. */
type Silent = {
  users: "takesImports" | "find" | "findByEmail" | "list" | "search" | "count";
  sessions: "find" | "listLive" | "listKept" | "countLive" | "knowsDevice" | "dropEnded";
  clients: "find" | "findAll" | "list";
  selfRegistered: "noteUsed" | "dropUnused" | "isGood" | "listTokens";
  keys: "read" | "revision";
  revocations: "entriesAfter" | "dropExpired" | "recordTokenLifetime" | "watch";
  audit: "dropOlder" | "list" | "listFrom" | "count" | "countOfSession";
  federation: "find" | "listOf" | "begin" | "look" | "take" | "dropExpired";
  apiKeys: "find" | "list" | "noteUse" | "dropEnded";
  mail: "takeDue" | "retryAt" | "keepLink" | "findLink" | "dropExpired";
  secondFactors: "of" | "findPasskey" | "renamePasskey" | "begin" | "look" | "countTry" | "setChallenge" | "take" | "dropExpired";
};

/** The same of the stores of OAuth. */
type SilentOAuth = {
  codes: "noteReplay" | "find" | "redeem" | "tokensOf";
  consents: "find" | "list";
  signOns: "note" | "keepGrant" | "findGrant" | "sessionsOf" | "sessionOf" | "markEnded" | "takeDue" | "settle";
  once: "use" | "dropExpired";
  pushed: "keep" | "open" | "use";
  devices: "keep" | "find" | "findByUserCode" | "poll";
};

/**
 * The same stores, which tell `notice` of every event once it is in the audit: events are written in the transaction of
 * what they tell of, so that is known only when the store has answered.
 */
export function observeAudit<Observed extends Stores>(stores: Observed, notice: (event: AuditEvent) => void): Observed {
  const { users, sessions, clients, selfRegistered, keys, revocations, audit, oauth, federation, apiKeys, mail, secondFactors } =
    stores;
  const { codes, consents, signOns, once, pushed, devices } = oauth;
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
    pushed: {},
    devices: {
      allow: async (code, along) => noted(await devices.allow(code, along), along.audit),
      deny: async (hash, event) => noted(await devices.deny(hash, event), event),
    },
  };
  const observed: { readonly [Name in Exclude<keyof Stores, "oauth">]: Omit<Stores[Name], Silent[Name]> } = {
    audit: {
      append: async (event) => noted(await audit.append(event), event),
    },
    users: {
      create: async (user, event, link) => noted(await users.create(user, event, link), event),
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
      verifyEmail: async (link, event) => noted(await users.verifyEmail(link, event), event),
      async changeEmail(change) {
        const changed = await users.changeEmail(change);
        return changed === "taken" ? changed : noted(changed, change.audit, changed?.ousted?.audit ?? null);
      },
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
    selfRegistered: {
      register: async (client, event, spends) => noted(await selfRegistered.register(client, event, spends), event),
      keepDocument: async (client, event) => noted(await selfRegistered.keepDocument(client, event), event),
      keepToken: async (token, event) => {
        await selfRegistered.keepToken(token, event);
        notice(event);
      },
      deleteToken: async (id, event) => noted(await selfRegistered.deleteToken(id, event), event),
    },
    keys: {
      write: async (change) => noted(await keys.write(change), ...change.audit),
    },
    mail: {
      settle: async (id, event) => noted(await mail.settle(id, event), event),
    },
    revocations: {
      append: async (draft, event) => noted(await revocations.append(draft, event), event),
    },
    federation: {
      async createUser(user, identity, event) {
        const outcome = await federation.createUser(user, identity, event);
        return noted(outcome, outcome === "created" ? event : null);
      },
      link: async (identity, event) => noted(await federation.link(identity, event), event),
      async unlink(of, change) {
        const outcome = await federation.unlink(of, change);
        return noted(outcome, typeof outcome === "string" ? null : change.audit);
      },
    },
    apiKeys: {
      create: async (key, event) => noted(await apiKeys.create(key, event), event),
      async rotate(id, change) {
        let event: AuditEvent | null = null;
        const result = await apiKeys.rotate(id, (key) => {
          const changed = change(key);
          event = changed.audit;
          return changed;
        });
        return noted(result, event);
      },
      async revoke(id, revocation) {
        const result = await apiKeys.revoke(id, revocation);
        if (result?.entry) notice(revocation.audit(result.key));
        return result;
      },
    },
    secondFactors: {
      keepTotp: async (totp, addition) => noted(await secondFactors.keepTotp(totp, addition), addition.audit),
      addPasskey: async (passkey, addition) => noted(await secondFactors.addPasskey(passkey, addition), addition.audit),
      removeTotp: async (removal, change) => noted(await secondFactors.removeTotp(removal, change), change.audit),
      async removePasskey(removal, change) {
        const outcome = await secondFactors.removePasskey(removal, change);
        return noted(outcome, typeof outcome === "string" ? null : change.audit);
      },
      replaceRecoveryCodes: async (userId, hashes, event) =>
        noted(await secondFactors.replaceRecoveryCodes(userId, hashes, event), event),
      reset: async (userId, change) => noted(await secondFactors.reset(userId, change), change.audit),
      async finish(pending, use, event) {
        const outcome = await secondFactors.finish(pending, use, event);
        return noted(outcome, outcome === "finished" ? event : null);
      },
    },
  };
  return {
    ...stores,
    users: { ...users, ...observed.users },
    sessions: { ...sessions, ...observed.sessions },
    clients: { ...clients, ...observed.clients },
    selfRegistered: { ...selfRegistered, ...observed.selfRegistered },
    keys: { ...keys, ...observed.keys },
    revocations: { ...revocations, ...observed.revocations },
    audit: { ...audit, ...observed.audit },
    federation: { ...federation, ...observed.federation },
    apiKeys: { ...apiKeys, ...observed.apiKeys },
    mail: { ...mail, ...observed.mail },
    secondFactors: { ...secondFactors, ...observed.secondFactors },
    oauth: {
      ...oauth,
      codes: { ...codes, ...observedOAuth.codes },
      consents: { ...consents, ...observedOAuth.consents },
      signOns: { ...signOns, ...observedOAuth.signOns },
      once: { ...once, ...observedOAuth.once },
      pushed: { ...pushed, ...observedOAuth.pushed },
      devices: { ...devices, ...observedOAuth.devices },
    },
  };
}
