import type { AuditEvent } from "../audit/audit-event.ts";
import type { Revoked, VersionChange } from "../users/user-store.ts";
import type { User } from "../users/user.ts";

/** Whom another issuer knows a user as. Issuer and subject together are one person for ever; an e-mail address is not. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  /** For people, to tell several apart: the e-mail or name there, as of when it was linked. */
  readonly label: string | null;
  /** Milliseconds since the epoch. */
  readonly linkedAt: number;
}

/** A sign-in under way at another issuer, or one that came back and waits for the account's password. */
export interface Transaction {
  /** SHA-256 of the state, or of what stands for it in a form. */
  readonly hash: string;
  /** SHA-256 of what names the browser. */
  readonly browserHash: string;
  readonly provider: string;
  readonly purpose: "sign_in" | "link" | "password";
  readonly detail: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** All of it must fit, and the time must not have come yet: else there is no such transaction. */
export type TransactionKey = Pick<Transaction, "hash" | "browserHash" | "provider"> & { readonly now: number };

/** Each method is one transaction of the database, its audit event included. */
export interface FederationStore {
  find(issuer: string, subject: string): Promise<Identity | null>;
  /** Oldest first. */
  listOf(userId: string): Promise<readonly Identity[]>;
  /** A new user with a first way in. Nothing is written if somebody has the e-mail or the identity. */
  createUser(user: User, identity: Identity, audit: AuditEvent): Promise<"created" | "email_taken" | "identity_taken">;
  /** False, with nothing changed, if somebody has the identity, be it the same user. */
  link(identity: Identity, audit: AuditEvent): Promise<boolean>;
  /** Ends the user's sessions as well, but for one, and raises the token version. */
  unlink(of: Unlinking, change: VersionChange): Promise<Revoked | "last" | "none">;

  begin(transaction: Transaction): Promise<void>;
  look(key: TransactionKey): Promise<Transaction | null>;
  /** The same, for exactly one caller: it is gone then. */
  take(key: TransactionKey): Promise<Transaction | null>;
  /** Drops up to `limit` transactions that were over before `before`. Tells how many. */
  dropExpired(before: number, limit: number): Promise<number>;
}

export interface Unlinking {
  readonly userId: string;
  readonly issuer: string;
  readonly subject: string;
  /** `last` unless another way in stays: a password, or an identity of one of these issuers. Null: whatever stays. */
  readonly configured: readonly string[] | null;
  readonly keepSessionId: string | null;
}
