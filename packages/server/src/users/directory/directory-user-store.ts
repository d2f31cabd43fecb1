import { OstiaryError } from "../../errors.ts";
import { emailIdentity } from "../email.ts";
import { DEFAULT_ROLES } from "../roles.ts";
import { roleTerm } from "../search-terms.ts";
import type { ExclusionChange, UserStore, VersionChange } from "../user-store.ts";
import type { User } from "../user.ts";
import type { DirectoryRow } from "./ask-directory.ts";
import { fingerprint, hashIn, isUpToDate, keepUpWith, letGo, sameRoles, writeUpgrade } from "./keep-up.ts";
import type { DirectoryDeps } from "./keep-up.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import type { UserChanges } from "./user-directory.ts";

/**
 * Users whose truth is the application's directory. Whoever is looked up here is up to date; what is changed is written
 * there first. Lists and searches know whom the server has met.
 */
export function createDirectoryUserStore(deps: DirectoryDeps): UserStore {
  const { directory, store } = deps;
  const alone = oneAtATime();
  const aloneWithRole = oneAtATime();
  /** Once it has left one out it is not tried again with each sign-in. */
  let takesHashes = true;

  /** The user of a row, kept up with. Only what differs has to wait for others, and is read again. */
  async function userOf(row: DirectoryRow): Promise<User | null> {
    const user = await store.find(row.id);
    return user !== null && isUpToDate(user, row) ? user : alone(row.id, () => readAgain(row.id));
  }

  async function readAgain(id: string): Promise<User | null> {
    const row = await directory.findById(id);
    if (row !== null) return keepUpWith(deps, row);
    await letGo(deps, id);
    return null;
  }

  /** Whoever is there no more is found as disabled, as long as something is kept of them. */
  async function find(id: string): Promise<User | null> {
    const row = await directory.findById(id);
    const user = row === null ? await alone(id, () => readAgain(id)) : await userOf(row);
    return user ?? store.find(id);
  }

  /** Alone with a user who is up to date. Null, without any work, if there is none. */
  async function changing<Result>(id: string, work: (user: User) => Promise<Result | null>): Promise<Result | null> {
    return alone(id, async () => {
      const user = await readAgain(id);
      return user === null ? null : work(user);
    });
  }

  /**
   * Changes the application's row, alone with the user. False if there is none; throws `invalid_request` if it did not take
   * what was asked: it may have taken something else, which is kept up with before anybody is told.
   */
  async function write(
    id: string,
    changes: UserChanges,
    what: string,
    isTaken: (row: DirectoryRow) => boolean,
  ): Promise<boolean> {
    const row = await directory.update(id, changes);
    if (row === null || isTaken(row)) return row !== null;
    await readAgain(id);
    throw notTaken(what);
  }

  const writeRoles = (id: string, roles: readonly string[]): Promise<boolean> =>
    write(id, { roles }, "a change of roles", (row) => sameRoles(row.roles, roles));
  const writeDisabled = (id: string, disabled: boolean): Promise<boolean> =>
    write(id, { disabled }, disabled ? "disabling" : "enabling", (row) => row.disabled === disabled);

  /**
   * Alone with the user, and with all who may be the last of their role: the application can take it from them, and give it
   * back; administrators here cannot. Of two in two processes who shut each other out at once, neither is held back.
   */
  async function unlessLast<Result>(
    id: string,
    change: ExclusionChange,
    work: () => Promise<Result | null>,
  ): Promise<Result | null> {
    const { unlessLast: role } = change;
    if (role === undefined) return changing(id, work);
    return aloneWithRole(role, () => changing(id, async () => (await refuseLast(id, role), work())));
  }

  async function refuseLast(id: string, role: string): Promise<void> {
    const holders = await store.search({ words: [], exactly: [roleTerm(role)], after: null, limit: 1000 });
    if (holders.some(({ user }) => user.id !== id && user.disabledAt === null)) return;
    throw new OstiaryError("invalid_request", `Nobody else who can sign in has the role ${role}.`);
  }

  /** To somebody who was just made. Throws `invalid_request` if the table did not take them: then they are there with others. */
  async function giveRoles(id: string, roles: readonly string[]): Promise<User | null> {
    await directory.update(id, { roles });
    const user = await find(id);
    if (user === null || sameRoles(user.roles, roles)) return user;
    const has = `The user has been made, with the id ${id} and the roles ${user.roles.join(", ") || "none"}`;
    throw new OstiaryError(
      "invalid_request",
      `${has}: the application's own table, which they are in, does not take ${roles.join(", ")} from here.`,
    );
  }

  return {
    takesImports: false,

    async create(user, audit) {
      const identity = emailIdentity(user.email);
      // Said so even where the table's index only throws; of two at once it has to decide.
      if ((await directory.findByEmail(identity)) !== null) return null;
      const { name, passwordHash, roles } = user;
      const row = await directory.create({ email: identity, name, passwordHash });
      if (row === null) return null;
      const made = { ...audit, userId: row.id, detail: { ...audit.detail, roles: row.roles } };
      // What fails from here on is made good at the next sign-in.
      const created = await alone(row.id, () => keepUpWith(deps, row, made));
      if (sameRoles(roles, DEFAULT_ROLES) || sameRoles(roles, row.roles)) return created;
      return giveRoles(row.id, roles);
    },

    createAll: async () => {
      throw notTaken("an import");
    },

    // Only a directory's store adopts.
    adopt: (user, audit) => store.adopt(user, audit),

    find,

    async findByEmail(identity) {
      const row = await directory.findByEmail(identity);
      const user = row === null ? null : await userOf(row);
      return user !== null && emailIdentity(user.email) === identity ? user : null;
    },

    list: (query) => store.list(query),
    search: (query) => store.search(query),
    count: (atMost) => store.count(atMost),

    rename: (id, name, audit) =>
      changing(id, async () =>
        (await write(id, { name }, "a change of name", (row) => row.name === name)) ? store.rename(id, name, audit) : null,
      ),

    changePassword: (change) =>
      changing(change.userId, async (user) => {
        if (user.disabledAt !== null || user.passwordHash !== change.verifiedHash) return null;
        const before = { passwordHash: change.verifiedHash };
        const written = await directory.update(user.id, { passwordHash: change.newHash }, before);
        const row = written ?? (await directory.findById(user.id));
        if (row === null) return null;
        if (hashIn(row) === change.verifiedHash) {
          await readAgain(user.id);
          throw notTaken("a change of password");
        }
        if (hashIn(row) !== change.newHash) return null;
        // Another process may have seen the new hash before this one has told of it: then all sessions have ended.
        const { link } = change;
        // Whether the address is theirs, their own table says.
        const here = link === undefined ? change : { ...change, link: { ...link, verifiesEmail: false } };
        return (await store.changePassword(here)) ?? store.raiseTokenVersion(user.id, change);
      }),

    verifyEmail: async () => {
      throw notTaken("a verified e-mail address");
    },

    changeEmail: async () => {
      throw notTaken("another e-mail address");
    },

    upgradeHash: (id, verifiedHash, newHash, audit) =>
      alone(id, async () => {
        const event = { ...audit, detail: { ...audit.detail, replaced: fingerprint(verifiedHash) } };
        if (!takesHashes || !(await store.upgradeHash(id, verifiedHash, newHash, event))) return false;
        const outcome = await writeUpgrade(deps, id, verifiedHash, newHash);
        if (outcome === "not_taken") takesHashes = false;
        return outcome === "written";
      }),

    setRoles: (id, roles, change) =>
      unlessLast(id, change, async () => ((await writeRoles(id, roles)) ? store.setRoles(id, roles, always(change)) : null)),

    raiseTokenVersion: (id, change) => changing(id, () => store.raiseTokenVersion(id, change)),

    disable: (id, at, change) =>
      unlessLast(id, change, async () => ((await writeDisabled(id, true)) ? store.disable(id, at, always(change)) : null)),

    enable: (id, audit) => changing(id, async () => ((await writeDisabled(id, false)) ? store.enable(id, audit) : null)),

    delete: (id, change) =>
      alone(id, async () => {
        if ((await directory.findById(id)) !== null) throw notTaken("a deletion");
        return store.delete(id, always(change));
      }),
  };
}

/** Whether somebody is the last has been asked before. */
function always({ revocation, audit }: ExclusionChange): VersionChange {
  return { revocation, audit };
}

function notTaken(what: string): OstiaryError {
  return new OstiaryError(
    "invalid_request",
    `Users are in the application's own table, which does not take ${what} from here: make it there.`,
  );
}
