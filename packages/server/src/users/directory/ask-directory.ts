import { z } from "zod";
import { storeUnavailable } from "../../errors.ts";
import { inTime } from "../../in-time.ts";
import { emailIdentity, isEmailAddress, normalizeEmail } from "../email.ts";
import { isStoredHash } from "../password.ts";
import { isRole } from "../roles.ts";
import type { DIRECTORY_METHODS, NewDirectoryUser, UserChanges, UserDirectory } from "./user-directory.ts";

/** What a person waits for the application's database, for each question. */
const PATIENCE_MS = 2000;

const ID_FORM = /^[\w.:|-]{1,128}$/;

const row = z.object({
  id: z.string().regex(ID_FORM, "must be 1 to 128 of A-Z a-z 0-9 _ . : | -"),
  email: z.string().transform(normalizeEmail).refine(isEmailAddress, "must be an e-mail address"),
  passwordHash: z
    .string()
    .refine(isStoredHash, "must be a hash of Argon2, bcrypt, scrypt or PBKDF2 that is not too costly")
    .nullable(),
  name: z.string().nullish().transform(shownName),
  emailVerified: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
  roles: z
    .array(z.string().refine(isRole, "must be names of 1 to 64 characters, without spaces and commas"))
    .nullish()
    .transform((roles) => [...new Set(roles ?? ["user"])]),
  disabled: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
  createdAt: z
    .union([z.date(), z.string(), z.number()])
    .nullish()
    .transform((value) => (value === null || value === undefined ? null : new Date(value).getTime()))
    .refine((time) => !Number.isNaN(time), "must be a time"),
});

/** A user as the application has them, checked. */
export type DirectoryRow = z.output<typeof row>;

/** The application's directory, as far as it can be trusted: rows are checked, and failures are `unavailable`. */
export interface CheckedDirectory {
  findByEmail(identity: string): Promise<DirectoryRow | null>;
  findById(id: string): Promise<DirectoryRow | null>;
  create(user: NewDirectoryUser): Promise<DirectoryRow | null>;
  update(id: string, changes: UserChanges, onlyIf?: { readonly passwordHash: string | null }): Promise<DirectoryRow | null>;
}

/** `isKnown` says whether somebody has been met under an id. */
export function checkedDirectory(
  directory: UserDirectory,
  { isKnown, patienceMs = PATIENCE_MS }: { isKnown: (id: string) => Promise<boolean>; patienceMs?: number },
): CheckedDirectory {
  type Method = (typeof DIRECTORY_METHODS)[number];
  type Fits = (row: DirectoryRow) => boolean | "nobody" | Promise<boolean | "nobody">;

  async function ask(method: Method, question: () => unknown, fits: Fits): Promise<DirectoryRow | null> {
    try {
      // A method may throw before it gives a promise, and need not give one.
      const answer = await inTime(patienceMs, `${method} of the user directory`, (async () => question())());
      if (answer === null || answer === undefined) return null;
      const parsed = row.safeParse(answer);
      if (!parsed.success) throw new Error(`${method} of the user directory gave what is no user: ${sentenceOf(parsed.error)}.`);
      const fit = await fits(parsed.data);
      if (fit === "nobody") return null;
      if (!fit) throw new Error(`${method} of the user directory gave another user than was asked for.`);
      return parsed.data;
    } catch (cause) {
      throw storeUnavailable(cause);
    }
  }

  /** To a database `01` may be 1, and upper case lower. Nobody has had such an id, so there is nobody to be kept. */
  const has = (id: string): Fits => async (found) => found.id === id || ((await isKnown(id)) ? false : "nobody");

  return {
    findByEmail: (identity) =>
      ask(
        "findByEmail",
        () => directory.findByEmail(identity),
        ({ email }) => emailIdentity(email) === identity,
      ),
    findById: async (id) => (ID_FORM.test(id) ? ask("findById", () => directory.findById(id), has(id)) : null),
    create: (user) =>
      ask(
        "create",
        () => directory.create(user),
        ({ email, passwordHash }) => emailIdentity(email) === user.email && passwordHash === user.passwordHash,
      ),
    update: (id, changes, onlyIf) =>
      ask(
        "update",
        () => directory.update(id, changes, onlyIf),
        (found) => found.id === id,
      ),
  };
}

/** Names that were stored elsewhere may have what ours must not: that keeps nobody out. */
function shownName(name: string | null | undefined): string | null {
  const shown = (name ?? "").toWellFormed().replace(/[\p{Cc}\uFFFD]+/gu, " ").trim();
  return shown === "" ? null : [...shown].slice(0, 200).join("");
}

/** Which member and why; never what it is. */
function sentenceOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".") || "the row"}: ${message}`).join("; ");
}
