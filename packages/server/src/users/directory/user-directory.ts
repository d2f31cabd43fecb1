/**
 * A user directory: the application's own table of users, in place of the server's.
 * It owns who there is, their passwords, roles and names. The server keeps a row of its own beside each of them, under the
 * same id, because sessions, token versions, revocations and the audit belong into one transaction.
 */

/** What the application gives: `createOstiary({ users: … })`. Whatever throws, hangs or makes no sense is answered 503. */
export interface UserDirectory {
  /** `email` is trimmed, NFC and in lower case. Must not find anybody else, as databases do that take `é` for `e`. */
  findByEmail(email: string): Answer<DirectoryUser>;
  findById(id: string): Answer<DirectoryUser>;
  /** Makes a row and gives it back with its id; null if somebody has the e-mail, which a unique index says best. */
  create(user: NewDirectoryUser): Answer<DirectoryUser>;
  /**
   * Changes what is given and nothing else, and gives the row as it is then; null if there is none. What the table has no
   * place for is left out: the server sees it in the row, and tells whoever asked for it. With `onlyIf` nothing is changed
   * unless the row has that hash still: put it into the WHERE, and a password that was just changed is never put back.
   */
  update(id: string, changes: UserChanges, onlyIf?: { readonly passwordHash: string | null }): Answer<DirectoryUser>;
}

type Answer<Found> = Found | null | undefined | Promise<Found | null | undefined>;

/** A user as the application has them. What else the row has is ignored. */
export interface DirectoryUser {
  /** 1 to 128 of A-Z a-z 0-9 _ . : | - for ever the same, and never somebody else's: it is `sub` in tokens. */
  readonly id: string;
  readonly email: string;
  /** Argon2 in PHC form, bcrypt, scrypt or PBKDF2. Null: no password lets them in. */
  readonly passwordHash: string | null;
  readonly name?: string | null | undefined;
  /** Default false. */
  readonly emailVerified?: boolean | null | undefined;
  /** Default `["user"]`. */
  readonly roles?: readonly string[] | null | undefined;
  /** Signed out everywhere, and kept out. Default false. */
  readonly disabled?: boolean | null | undefined;
  /** A number is milliseconds since the epoch. Default: when the server first met them. */
  readonly createdAt?: Date | string | number | null | undefined;
}

/** Somebody who signs up. */
export interface NewDirectoryUser {
  /** Trimmed, NFC and in lower case: the form that `findByEmail` asks for. */
  readonly email: string;
  readonly name: string | null;
  readonly passwordHash: string;
}

/** What the server itself changes: passwords and names for people, roles and `disabled` for administrators. */
export interface UserChanges {
  readonly passwordHash?: string;
  readonly name?: string | null;
  readonly roles?: readonly string[];
  readonly disabled?: boolean;
}

export const DIRECTORY_METHODS = ["findByEmail", "findById", "create", "update"] as const satisfies (keyof UserDirectory)[];
