import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { FederationStore, Identity } from "../federation/federation-store.ts";
import type { SignInProvider } from "../federation/provider.ts";
import type { Random } from "../random.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { ResetDeps } from "../second-factors/change-factors.ts";
import type { Passkey } from "../second-factors/second-factor-store.ts";
import { factorsOf } from "../second-factors/second-factors.ts";
import type { UserDeps } from "./authenticate.ts";
import { deleteUser, disableUser, enableUser, raiseTokenVersion, setRoles } from "./change-user.ts";
import { createUser } from "./create-user.ts";
import type { NewUser } from "./create-user.ts";
import { emailIdentity } from "./email.ts";
import { findUsers } from "./find-users.ts";
import type { UserPage, UserQuery } from "./find-users.ts";
import type { ImportedUser, ImportOutcome } from "./import-users.ts";
import type { User } from "./user.ts";
import { unlockUser } from "./unlock-user.ts";
import type { UnlockDeps } from "./unlock-user.ts";

/** A user as the application sees them: without the password hash. */
export type PublicUser = Omit<User, "passwordHash">;

/** An account elsewhere that lets a user in. */
export type PublicIdentity = Omit<Identity, "userId">;

/** Which second factors a user has. */
export interface PublicFactors {
  readonly totp: boolean;
  readonly passkeys: readonly Pick<Passkey, "id" | "name" | "createdAt" | "lastUsedAt" | "backedUp">[];
  readonly recoveryCodesLeft: number;
}

/** Users, for the application that embeds the server, and for the CLI. */
export interface Users {
  /** Throws `email_taken`, or `invalid_request` for what is no e-mail address or a password outside the limits. */
  create(user: NewUser): Promise<PublicUser>;
  /**
   * Creates up to 1,000 users in one transaction, with password hashes that another system made. Whoever is there already
   * is left as they are. With `dryRun` nothing is written: the next call knows nothing of it.
   */
  import(users: readonly ImportedUser[], options?: { dryRun?: boolean }): Promise<ImportOutcome[]>;
  /** Like `list`, with password hashes: for another system. */
  export(query?: { after?: string; limit?: number }): Promise<User[]>;
  find(id: string): Promise<PublicUser | null>;
  findByEmail(email: string): Promise<PublicUser | null>;
  /** In the order they were created. `after` is the id of the last user of the page before; `limit` 1 to 1,000. */
  list(query?: { after?: string; limit?: number }): Promise<PublicUser[]>;
  /** Users by what their e-mails and names have in them, page by page. Throws `invalid_request` for a cursor that is none. */
  search(query?: UserQuery): Promise<UserPage<PublicUser>>;
  /** How many there are, counted up to `atMost`. */
  count(atMost: number): Promise<number>;
  /** Older access tokens become stale at once; sessions live on. Null if there is no such user. */
  setRoles(id: string, roles: readonly string[]): Promise<PublicUser | null>;
  /** Makes older access tokens stale: call it when what your claims hook returns has changed. */
  raiseTokenVersion(id: string): Promise<PublicUser | null>;
  /** Signs the user out everywhere and keeps them out. */
  disable(id: string): Promise<PublicUser | null>;
  /** Lets a disabled user sign in again; sessions and tokens of before stay ended. */
  enable(id: string): Promise<PublicUser | null>;
  /** What signing in takes besides a password: an authenticator app, passkeys, recovery codes. */
  secondFactors(id: string): Promise<PublicFactors>;
  /**
   * Takes all of it away from who has lost it: their password lets them in alone again. Make sure who asks. Null if there
   * is no such user.
   */
  resetSecondFactors(id: string): Promise<PublicUser | null>;
  /** Forgets the wrong passwords and codes that were tried for the user: whoever knows the right ones can sign in at once. */
  unlock(id: string): Promise<PublicUser | null>;
  /** Signs the user out everywhere and takes them out of the database; the audit keeps what happened under their id. */
  delete(id: string): Promise<PublicUser | null>;
  /** The accounts elsewhere that let the user in, oldest first. */
  identities(id: string): Promise<PublicIdentity[]>;
  /** Takes one of them away, be it the last, and signs the user out everywhere. False if it is none of theirs. */
  disconnect(id: string, identity: Pick<PublicIdentity, "issuer" | "subject">): Promise<boolean>;
  /**
   * With a table of your own (`createOstiary({ users })`): asks it what it says of a user, and acts on it at once, as the next
   * refresh would. Call it when your own code has changed roles or a password, or disabled or deleted somebody. Whoever is
   * gone comes back as disabled; null if the server has never met them. Throws `unavailable` if your table does not answer.
   */
  sync(id: string): Promise<PublicUser | null>;
}

/** `origin` is who does it, for the audit. */
export function createUsers(
  deps: UserDeps & UnlockDeps & {
    random: Random;
    revocations: RevocationPublisher;
    identities: Pick<FederationStore, "listOf" | "unlink">;
    providers: readonly SignInProvider[];
    factors: ResetDeps;
  },
  origin: Origin = LOCAL_ORIGIN,
): Users {
  const list: Users["export"] = ({ after, limit = 100 } = {}) =>
    deps.store.list({ limit: Math.min(Math.max(limit, 1), 1000), ...(after === undefined ? {} : { after }) });
  return {
    import: async (users, options) => (await import("./import-users.ts")).importUsers(deps, users, options),
    export: list,
    create: async (user) => withoutHash(await createUser(deps, user, origin)),
    find: async (id) => orNull(await deps.store.find(id)),
    findByEmail: async (email) => orNull(await deps.store.findByEmail(emailIdentity(email))),
    list: async (query) => (await list(query)).map(withoutHash),
    search: async (query = {}) => {
      const { users, next } = await findUsers(deps, query);
      return { users: users.map(withoutHash), next };
    },
    count: (atMost) => deps.store.count(atMost),
    setRoles: async (id, roles) => orNull(await setRoles(deps, id, roles, origin)),
    raiseTokenVersion: async (id) => orNull(await raiseTokenVersion(deps, id, origin)),
    disable: async (id) => orNull(await disableUser(deps, id, origin)),
    enable: async (id) => orNull(await enableUser(deps, id, origin)),
    unlock: async (id) => orNull(await unlockUser(deps, id, origin)),
    delete: async (id) => orNull(await deleteUser(deps, id, origin)),
    identities: async (id) => (await deps.identities.listOf(id)).map(({ userId: _, ...identity }) => identity),
    async disconnect(id, { issuer, subject }) {
      const user = await deps.store.find(id);
      if (user === null) return false;
      const of = { userId: id, issuer, subject, configured: null, keepSessionId: null };
      const { unlinkIdentity } = await import("../federation/unlink-identity.ts");
      return (await unlinkIdentity(deps, of, user.email, origin)) === "unlinked";
    },
    async secondFactors(id) {
      const { totp, passkeys, recoveryCodesLeft } = await factorsOf(deps.factors, id);
      const shown = passkeys.map(({ id: key, name, createdAt, lastUsedAt, backedUp }) => ({
        id: key,
        name,
        createdAt,
        lastUsedAt,
        backedUp,
      }));
      return { totp, passkeys: shown, recoveryCodesLeft };
    },
    async resetSecondFactors(id) {
      const user = await deps.store.find(id);
      if (user === null) return null;
      const { resetFactors } = await import("../second-factors/change-factors.ts");
      await resetFactors(deps.factors, user, origin);
      return withoutHash(user);
    },
    // Whoever is looked up is up to date.
    sync: async (id) => orNull(await deps.store.find(id)),
  };
}

function orNull(user: User | null): PublicUser | null {
  return user === null ? null : withoutHash(user);
}

function withoutHash({ passwordHash: _, ...user }: User): PublicUser {
  return user;
}
