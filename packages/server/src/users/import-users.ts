import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { UserDeps } from "./authenticate.ts";
import { emailIdentity, isEmailAddress, normalizeEmail } from "./email.ts";
import { isStoredHash } from "./password.ts";
import { checkedRoles } from "./roles.ts";
import { isShownText } from "./shown-text.ts";
import type { User } from "./user.ts";

/** A user as another system had them. */
export interface ImportedUser {
  readonly email: string;
  /** What verifies the password: Argon2, bcrypt, scrypt, PBKDF2. It is replaced at the first login. */
  readonly passwordHash: string;
  /** Default: a new one. Tokens name users by it. */
  readonly id?: string | undefined;
  readonly name?: string | null | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly emailVerified?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  /** ISO 8601. Default: now. */
  readonly createdAt?: string | undefined;
}

/** `exists`: somebody has the e-mail, which is what a second run meets. `refused`: why, in a sentence. */
export type ImportOutcome =
  | { readonly outcome: "created"; readonly id: string }
  | { readonly outcome: "exists" }
  | { readonly outcome: "refused"; readonly why: string };

/**
 * Creates users in one transaction, with the hashes of their passwords. The outcomes are in the order of the rows.
 * With `dryRun` nothing is written. Throws `invalid_request` where users are in the application's own table.
 */
export async function importUsers(
  deps: Pick<UserDeps, "store" | "clock"> & { random: Random },
  rows: readonly ImportedUser[],
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<ImportOutcome[]> {
  if (!deps.store.takesImports) {
    throw new OstiaryError("invalid_request", "Users are in the application's own table: import them there.");
  }
  const seen: Seen = { identities: new Set(), ownerOfId: new Map() };
  const drafts = rows.map((row) => draftOf(deps, row, seen));
  const users = drafts.flatMap((draft) => ("user" in draft ? [draft.user] : []));
  const created = dryRun ? await withoutOwner(deps, users) : await createAll(deps, users);
  const outcomes: ImportOutcome[] = [];
  for (const draft of drafts) {
    if (!("user" in draft)) outcomes.push(draft);
    else if (created.has(draft.user.id)) outcomes.push({ outcome: "created", id: draft.user.id });
    else outcomes.push(await outcomeOfTaken(deps, draft.user));
  }
  return outcomes;
}

/** What earlier rows have taken: e-mail identities, and whose each id is. */
interface Seen {
  readonly identities: Set<string>;
  readonly ownerOfId: Map<string, string>;
}

type Draft = { readonly user: User } | Exclude<ImportOutcome, { outcome: "created" }>;

function draftOf({ clock, random }: { clock: () => number; random: Random }, row: ImportedUser, seen: Seen): Draft {
  const refused = (why: string): Draft => ({ outcome: "refused", why });
  const email = normalizeEmail(row.email);
  if (!isEmailAddress(email)) return refused("email is no e-mail address");
  if (!isStoredHash(row.passwordHash)) return refused("passwordHash is of no known form, or too costly to check");
  const name = row.name ?? null;
  if (name !== null && !isShownText(name)) return refused("name has control or broken characters");
  if (row.id !== undefined && !/^[\w.:|-]{1,128}$/.test(row.id)) {
    return refused("id has other characters than A-Z a-z 0-9 _ . : | -");
  }
  const createdAt = row.createdAt === undefined ? clock() : Date.parse(row.createdAt);
  if (Number.isNaN(createdAt)) return refused("createdAt is no time in ISO 8601");
  const roles = rolesOf(row.roles ?? ["user"]);
  if (roles === null) return refused("roles are no names");
  const identity = emailIdentity(email);
  if (row.id !== undefined) {
    if ((seen.ownerOfId.get(row.id) ?? identity) !== identity) return refused("id is another row's, too");
    seen.ownerOfId.set(row.id, identity);
  }
  if (seen.identities.has(identity)) return { outcome: "exists" };
  seen.identities.add(identity);
  return {
    user: {
      id: row.id ?? random.uuid(),
      email,
      emailVerified: row.emailVerified === true,
      name,
      roles,
      passwordHash: row.passwordHash,
      tokenVersion: 1,
      disabledAt: row.disabled === true ? clock() : null,
      createdAt,
    },
  };
}

function rolesOf(roles: readonly string[]): readonly string[] | null {
  try {
    return checkedRoles(roles);
  } catch (error) {
    if (error instanceof OstiaryError) return null;
    throw error;
  }
}

async function createAll(
  { store, clock }: Pick<UserDeps, "store" | "clock">,
  users: readonly User[],
): Promise<ReadonlySet<string>> {
  if (users.length === 0) return new Set();
  const detail = { imported: true };
  return store.createAll(
    users.map((user) => ({
      user,
      audit: auditEvent("user_created", clock(), LOCAL_ORIGIN, { userId: user.id }, { roles: user.roles, ...detail }),
    })),
  );
}

/** Tokens name users by their id: "there already" must not be said of somebody else. */
async function outcomeOfTaken({ store }: Pick<UserDeps, "store">, { id, email }: User): Promise<ImportOutcome> {
  const owner = await store.find(id);
  const isAnother = owner !== null && emailIdentity(owner.email) !== emailIdentity(email);
  return isAnother ? { outcome: "refused", why: "id is another user's" } : { outcome: "exists" };
}

async function withoutOwner({ store }: Pick<UserDeps, "store">, users: readonly User[]): Promise<ReadonlySet<string>> {
  const free = new Set<string>();
  for (const { id, email } of users) {
    const isTaken = (await store.findByEmail(emailIdentity(email))) !== null || (await store.find(id)) !== null;
    if (!isTaken) free.add(id);
  }
  return free;
}
