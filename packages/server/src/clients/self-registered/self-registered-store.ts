import type { AuditEvent } from "../../audit/audit-event.ts";
import type { Client } from "../client.ts";

/** Whoever shows it may register a client, so many times, until then. Times in milliseconds. */
export interface InitialAccessToken {
  readonly id: string;
  /** SHA-256, base64url; the token itself nobody has but whom it was given to. */
  readonly hash: string;
  /** For people. */
  readonly name: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usesLeft: number;
}

/** Each method that changes something is one transaction, its audit event included. */
export interface SelfRegisteredStore {
  /** Takes one use of the token for it, if it takes one. False, with nothing changed, if there is none left by now. */
  register(client: Client, audit: AuditEvent, spends: { hash: string; at: number } | null): Promise<boolean>;
  /** The client as its document has it now. True if there was none by this id: only then it is audited. */
  keepDocument(client: Client, audit: AuditEvent): Promise<boolean>;
  /** It has got a token; when it first did stays. */
  noteUsed(id: string, at: number): Promise<void>;
  /**
   * Drops up to `limit` clients that came by themselves and never got a token, and tokens that are over. Tells the most of
   * one kind.
   */
  dropUnused(when: { madeBefore: number; expiredBefore: number }, limit: number): Promise<number>;

  keepToken(token: InitialAccessToken, audit: AuditEvent): Promise<void>;
  isGood(hash: string, at: number): Promise<boolean>;
  /** Those that are good, oldest first. */
  listTokens(at: number): Promise<readonly InitialAccessToken[]>;
  deleteToken(id: string, audit: AuditEvent): Promise<boolean>;
}
