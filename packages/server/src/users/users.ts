import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Random } from "../random.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { UserDeps } from "./authenticate.ts";
import { deleteUser, disableUser, enableUser, raiseTokenVersion, setRoles } from "./change-user.ts";
import { createUser } from "./create-user.ts";
import type { NewUser } from "./create-user.ts";
import { emailIdentity } from "./email.ts";
import { findUsers } from "./find-users.ts";
import type { UserPage, UserQuery } from "./find-users.ts";
import { importUsers } from "./import-users.ts";
import type { ImportedUser, ImportOutcome } from "./import-users.ts";
import type { User } from "./user.ts";
import { unlockUser } from "./unlock-user.ts";
import type { UnlockDeps } from "./unlock-user.ts";

/** A user as the application sees them: without the password hash. */
export type PublicUser = Omit<User, "passwordHash">;

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
  /** Forgets the wrong passwords that were tried for the user: whoever knows the right one can sign in at once. */
  unlock(id: string): Promise<PublicUser | null>;
  /** Signs the user out everywhere and takes them out of the database; the audit keeps what happened under their id. */
  delete(id: string): Promise<PublicUser | null>;
  /**
   * With a table of your own (`createOstiary({ users })`): asks it what it says of a user, and acts on it at once, as the next
   * refresh would. Call it when your own code has changed roles or a password, or disabled or deleted somebody. Whoever is
   * gone comes back as disabled; null if the server has never met them. Throws `unavailable` if your table does not answer.
   */
  sync(id: string): Promise<PublicUser | null>;
}

/** `origin` is who does it, for the audit. */
export function createUsers(
  deps: UserDeps & UnlockDeps & { random: Random; revocations: RevocationPublisher },
  origin: Origin = LOCAL_ORIGIN,
): Users {
  const list: Users["export"] = ({ after, limit = 100 } = {}) =>
    deps.store.list({ limit: Math.min(Math.max(limit, 1), 1000), ...(after === undefined ? {} : { after }) });
  return {
    import: (users, options) => importUsers(deps, users, options),
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
