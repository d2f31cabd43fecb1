import type { RevocationEntry } from "@ostiary/protocol";
import type { AuditEvent } from "../audit/audit-event.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";
import type { ApiKey } from "./api-key.ts";

/** Each method that changes something is one transaction, its audit event and revocations included. */
export interface ApiKeyStore {
  /** False, with nothing changed, if its owner is no more, or is a user who is disabled. */
  create(key: ApiKey, audit: AuditEvent): Promise<boolean>;
  find(id: string): Promise<ApiKey | null>;
  /** In the order they were made: of one owner, or of all. `after` is the last id of the page before. */
  list(query: ApiKeyQuery): Promise<ApiKey[]>;
  /**
   * Reads the key, lets `change` say what becomes of its secrets, and writes that, with no other change in between.
   * What `change` throws comes out, and nothing is written. Null if there is no such key.
   */
  rotate(
    id: string,
    change: (key: ApiKey) => RotatedApiKey,
  ): Promise<{ key: ApiKey; entries: readonly RevocationEntry[] } | null>;
  /** Ends it; again changes nothing: then without an entry. Null if there is no such key. */
  revoke(id: string, revocation: ApiKeyRevocation): Promise<{ key: ApiKey; entry: RevocationEntry | null } | null>;
  /** Notes that it was used, unless that was noted within a minute before. */
  noteUse(id: string, at: number): Promise<void>;
  /** Drops up to `limit` keys that were over before `before`. Tells how many were dropped. */
  dropEnded(before: number, limit: number): Promise<number>;
}

export interface ApiKeyQuery {
  readonly owner?: { readonly userId: string } | { readonly clientId: string } | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface RotatedApiKey {
  /** The same but for its secrets. */
  readonly key: ApiKey;
  readonly audit: AuditEvent;
  /** Of secrets that are good no longer, or not for long. */
  readonly revocations: readonly RevocationDraft[];
}

export interface ApiKeyRevocation {
  readonly at: number;
  readonly revocation: RevocationDraft;
  /** Of the key as it was. */
  readonly audit: (key: ApiKey) => AuditEvent;
}

/** Uses are noted once in so long. */
export const USE_NOTED_EVERY_MS = 60_000;
