import type { AuditEvent } from "../audit/audit-event.ts";
import type { Revoked, VersionChange } from "../users/user-store.ts";

/** A key on somebody's device or in their password manager (WebAuthn). Times in milliseconds since the epoch. */
export interface Passkey {
  /** The credential's id, base64url: the authenticator's own, unique in the world. */
  readonly id: string;
  readonly userId: string;
  /** COSE. */
  readonly publicKey: Uint8Array;
  /** How often it has signed, where it counts; else 0 for ever. */
  readonly counter: number;
  readonly transports: readonly string[];
  readonly deviceType: "singleDevice" | "multiDevice";
  /** Whether it is on other devices of the user's, too. */
  readonly backedUp: boolean;
  /**
   * Whether it can let somebody in alone: the authenticator has asked who it is when it was added, and nobody has shown since, for
   * the first time, that the account's address is theirs.
   */
  readonly userVerified: boolean;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

export interface TotpSecret {
  readonly userId: string;
  readonly sealed: Uint8Array;
  /** The step of the last code that was good: none of it or of before is good again (RFC 6238 §5.2). */
  readonly lastStep: number;
  readonly createdAt: number;
}

export interface StoredFactors {
  readonly totp: TotpSecret | null;
  /** Oldest first. */
  readonly passkeys: readonly Passkey[];
  readonly recoveryCodesLeft: number;
}

/**
 * Something under way: a sign-in that waits for its second step, somebody who has been asked for a passkey, or who is adding
 * a factor.
 */
export interface PendingRow {
  /** SHA-256 of the token that names it. */
  readonly hash: string;
  readonly kind: "sign_in" | "passkey" | "add_totp" | "add_passkey";
  /** Null where nobody has said who they are. */
  readonly userId: string | null;
  /** SHA-256 of what names the browser that alone may go on; null if whoever has the token may. */
  readonly browserHash: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  /** What a passkey is to sign. */
  readonly challenge: string | null;
  readonly tries: number;
  readonly expiresAt: number;
}

/** All of it must fit, and the time must not have come yet: else there is no such row. */
export type PendingKey = Pick<PendingRow, "hash" | "kind" | "userId" | "browserHash"> & { readonly now: number };

/** What a second step has proved with, once. */
export type FactorUse =
  | { readonly kind: "otp"; readonly userId: string; readonly step: number }
  | { readonly kind: "recovery"; readonly userId: string; readonly hash: string }
  | PasskeyUse;

export interface PasskeyUse {
  readonly kind: "passkey";
  readonly id: string;
  readonly userId: string;
  readonly counter: number;
  readonly backedUp: boolean;
  readonly at: number;
}

/** More than anybody has devices; and what an account may have of rows. */
export const MOST_PASSKEYS = 20;

/** What goes with a new factor. */
export interface Addition {
  /** Used up by it. */
  readonly pending: PendingKey;
  /** Kept if it is the first factor: the codes are shown then. */
  readonly recoveryHashes: readonly string[];
  readonly audit: AuditEvent;
}

export interface Removal {
  readonly userId: string;
  /** Which ways in are others: identities of these issuers. Null: whatever stays. */
  readonly issuers: readonly string[] | null;
  /** All others end: whoever has the factor may have come by it. */
  readonly keepSessionId: string | null;
}

/** Each method is one transaction of the database, its audit event included. */
export interface SecondFactorStore {
  of(userId: string): Promise<StoredFactors>;
  findPasskey(id: string): Promise<Passkey | null>;
  /** In place of the secret there was. Null, with nothing changed, if what was pending is no more, or the user. */
  keepTotp(totp: TotpSecret, addition: Addition): Promise<{ readonly withCodes: boolean } | null>;
  /** Null, with nothing changed, if somebody has the passkey, the user has the most there may be, or what was pending is no more, or the user. */
  addPasskey(passkey: Passkey, addition: Addition): Promise<{ readonly withCodes: boolean } | null>;
  /** Null if there is none of that id with the user. */
  renamePasskey(userId: string, id: string, name: string): Promise<Passkey | null>;
  /** The recovery codes go with the last factor. Null, with nothing changed, if there is none. Raises the token version. */
  removeTotp(removal: Removal, change: VersionChange): Promise<Revoked | null>;
  /** The same; `last`, with nothing changed, if nothing else would let the user in: no password, no identity, no other passkey. */
  removePasskey(removal: Removal & { readonly id: string }, change: VersionChange): Promise<Revoked | "last" | "none">;
  /** False, with nothing changed, for somebody without factors. */
  replaceRecoveryCodes(userId: string, hashes: readonly string[], audit: AuditEvent): Promise<boolean>;
  /** Takes all of it away, what is pending for the user, and all sessions. Null, and those stay, if there was no factor. */
  reset(userId: string, change: VersionChange): Promise<Revoked | null>;

  begin(row: PendingRow): Promise<void>;
  look(key: PendingKey): Promise<PendingRow | null>;
  /** Counts a try before it is made: null if there have been so many already. */
  countTry(key: PendingKey, most: number): Promise<PendingRow | null>;
  /** False if there is no such row. */
  setChallenge(key: PendingKey, challenge: string): Promise<boolean>;
  /** For exactly one caller: it is gone then. */
  take(key: PendingKey): Promise<PendingRow | null>;
  /**
   * Uses up both what was pending, if anything, and what it was finished with: a code, a passkey's count. `refused`, with
   * nothing changed, if that has been used before, or is no more.
   */
  finish(pending: PendingKey | null, use: FactorUse, audit: AuditEvent | null): Promise<"finished" | "expired" | "refused">;
  /** Drops up to `limit` rows that were over before `before`. Tells how many. */
  dropExpired(before: number, limit: number): Promise<number>;
}
