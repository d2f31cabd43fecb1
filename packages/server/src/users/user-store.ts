import type { RevocationEntry } from "@ostiary/protocol";
import type { AuditEvent } from "../audit/audit-event.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";
import type { User } from "./user.ts";

/** Each method is one transaction, its audit event and revocations included. */
export interface UserStore {
  /** Whether users can be brought here with ids, roles and dates of their own. */
  readonly takesImports: boolean;
  /** The user as they are stored; null if another user has this e-mail identity, or the link they come by is used up. */
  create(user: User, audit: AuditEvent, link?: Omit<LinkUse, "userId">): Promise<User | null>;
  /**
   * Records who somebody is by another table: makes the row if there is none, else brings e-mail and name up to date and
   * leaves the rest. Whoever else has the e-mail identity has lost it: one at a time has it there.
   */
  adopt(user: User, audit: { readonly made: AuditEvent; readonly updated: AuditEvent }): Promise<Adopted>;
  /** Creates those whose e-mail identity and id nobody has yet. Tells the ids of those it has created. */
  createAll(users: readonly { readonly user: User; readonly audit: AuditEvent }[]): Promise<ReadonlySet<string>>;
  find(id: string): Promise<User | null>;
  findByEmail(emailIdentity: string): Promise<User | null>;
  /** In the order of their ids; `after` is the last id of the page before. */
  list(query: { after?: string; limit: number }): Promise<User[]>;
  /**
   * Users under all of these terms, in the order of the one that fewest are found under; without any, the newest first.
   */
  search(query: UserSearch): Promise<FoundUser[]>;
  /** How many there are, counted up to `atMost`. */
  count(atMost: number): Promise<number>;
  rename(id: string, name: string | null, audit: AuditEvent): Promise<User | null>;
  /**
   * Replaces the password, ends the user's other sessions and raises the token version.
   * Null, with nothing changed, if the password is no longer the one that was verified, or the link is used up.
   */
  changePassword(change: PasswordChange): Promise<Revoked | null>;
  /** Notes that somebody has shown that the account's address is theirs. Null, with nothing changed, if the link is used up. */
  verifyEmail(link: LinkUse, audit: AuditEvent): Promise<User | null>;
  /**
   * Gives the account another address, which the link has shown to be theirs, and raises the token version. Null, with
   * nothing changed, if the link is used up or the password is another; "taken" if somebody else has the address.
   */
  changeEmail(change: EmailChange): Promise<EmailChanged | "taken" | null>;
  /** Replaces the hash of the same password. False, with nothing changed, if it is no longer the one that was verified. */
  upgradeHash(id: string, verifiedHash: string, newHash: string, audit: AuditEvent): Promise<boolean>;
  setRoles(id: string, roles: readonly string[], change: ExclusionChange): Promise<Revoked | null>;
  raiseTokenVersion(id: string, change: VersionChange): Promise<Revoked | null>;
  /** Disables the user and ends all sessions. */
  disable(id: string, at: number, change: ExclusionChange): Promise<Revoked | null>;
  /** Lets a disabled user sign in again. What was ended stays ended. */
  enable(id: string, audit: AuditEvent): Promise<User | null>;
  /** Takes the user and all sessions out. Of the user as it was last. */
  delete(id: string, change: ExclusionChange): Promise<Revoked | null>;
}

export interface Adopted {
  readonly user: User;
  readonly isNew: boolean;
}

export interface UserSearch {
  /** The beginnings of terms. */
  readonly words: readonly string[];
  /** Whole terms. */
  readonly exactly: readonly string[];
  /** The last of the page before; `along` is one of the terms asked for. */
  readonly after: { readonly userId: string; readonly term: string; readonly along: string } | null;
  readonly limit: number;
}

/** A user, the term they were found under, and which one of those asked for it fits. Without any, both are empty. */
export interface FoundUser {
  readonly user: User;
  readonly term: string;
  readonly along: string;
}

/** A link that somebody has followed. Of all who come with it, one gets through. */
export interface LinkUse {
  readonly userId: string;
  readonly hash: string;
  readonly at: number;
}

export interface EmailChange extends VersionChange {
  readonly link: LinkUse;
  readonly email: string;
  /** The password that it was asked for with. Null: whatever it is now. */
  readonly verifiedHash: string | null;
  /**
   * Against whoever changed it before: nobody knows this password, all sessions end, no identity of another issuer lets in any
   * more, and links and second factors that were made at this time or later are gone. Who has the address now without having
   * verified it loses it, and is disabled, or keeps it as the last with the role of `unlessLast`. Null: nothing of it.
   */
  readonly takenBack: {
    readonly newHash: string;
    readonly since: number;
    readonly ousted: (userId: string) => ExclusionChange;
  } | null;
}

export interface EmailChanged extends Revoked {
  /** Who has lost the address by it. */
  readonly ousted: (Revoked & { readonly audit: AuditEvent }) | null;
}

export interface PasswordChange extends VersionChange {
  readonly userId: string;
  readonly verifiedHash: string;
  readonly newHash: string;
  readonly keepSessionId: string | null;
  /**
   * The link that was followed in place of the current password: it is used up. Whether it shows that the address is theirs; if
   * nothing had shown that before, no identity of until then lets anybody in any more, and no passkey alone. A second step that
   * was asked for still is.
   */
  readonly link?: { readonly hash: string; readonly verifiesEmail: boolean } | undefined;
  readonly at: number;
}

export interface VersionChange {
  /** The log entry for a user whose token version has been raised to `version`. */
  readonly revocation: (userId: string, version: number) => RevocationDraft;
  readonly audit: AuditEvent;
}

/** A change that may take a role from its last holder. */
export interface ExclusionChange extends VersionChange {
  /** Only if somebody else has this role and is not disabled; else nothing is changed, and it throws `invalid_request`. */
  readonly unlessLast?: string;
}

export interface Revoked {
  readonly user: User;
  readonly entry: RevocationEntry;
}
