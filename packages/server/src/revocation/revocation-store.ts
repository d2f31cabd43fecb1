/**
 * Revocation: the numbered log of what access tokens are no longer good for, and its way to the guards.
 * Owns the log's shape and its delivery in this process. What is revoked, and when, the other domains decide.
 */
import type { RevocationEntry } from "@ostiary/protocol";
import type { AuditEvent } from "../audit/audit-event.ts";

/** An entry before the log has given it its place and its end. */
export interface RevocationDraft extends Omit<RevocationEntry, "seq" | "expiresAt"> {
  /** When it was revoked, in milliseconds since the epoch. */
  readonly at: number;
}

/** Guards may forgive this much, and clocks differ: an entry outlives the tokens it could concern by so long. */
export const REVOCATION_MARGIN_SECONDS = 300;

/** Most entries are appended by other stores, in the transactions of what they revoke; here they are read. */
export interface RevocationStore {
  /** Revokes what has no row of its own. */
  append(draft: RevocationDraft, audit: AuditEvent): Promise<RevocationEntry>;
  /** Entries after `seq`, in order. */
  entriesAfter(seq: number, limit: number): Promise<RevocationEntry[]>;
  /**
   * Drops up to `limit` entries that no access token outlives. `now` in seconds. Tells how many were dropped.
   * The newest entry stays, so that the log never seems to stand further back than it has been.
   */
  dropExpired(now: number, limit: number): Promise<number>;
  /**
   * Records how long access tokens live that are issued from now on. Entries last as long as any token about: also as
   * those that were issued with an earlier, longer lifetime. `now` in seconds.
   */
  recordTokenLifetime(lifetimeSeconds: number, now: number): Promise<void>;
  readonly watch: LogWatch;
}

/** How a store tells that another process has appended to the revocation log. */
export interface LogWatch {
  /** How often to look, in milliseconds. */
  readonly everyMs: number;
  /** A mark that differs once another process may have written; cheap enough to look at so often. */
  changeMark(): Promise<number>;
  /** Calls `wake` when another process has appended, if the store can tell. Returns how to stop. */
  subscribe(wake: () => void): () => void;
}
