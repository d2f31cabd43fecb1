/**
 * The revocation feed, `GET {issuer}/revocations`: Server-Sent Events for guards. First the log as it stands, as
 * `snapshot` events (or, after `Last-Event-ID`, the entries since, as `entry` events); then an `entry` event for each
 * new entry, and a `heartbeat` each second. The `data` of every event is one line of JSON. Times in seconds since the epoch.
 */
import type { RevocationEntry } from "./revocation.ts";

/** Below the issuer. */
export const REVOCATION_FEED_PATH = "/revocations";

/** How often a heartbeat is sent, in seconds. */
export const HEARTBEAT_SECONDS = 1;

/**
 * `event: snapshot`: a part of the log; with `more`, another part follows. The last part carries `seq` as the event's id.
 * A snapshot adds to what a guard knows, it takes nothing away: what is missing from it has expired.
 */
export interface FeedSnapshot {
  /** The place in the log that the whole snapshot reaches to. */
  seq: number;
  /** The server's clock; may have a fraction. */
  now: number;
  more: boolean;
  entries: RevocationEntry[];
}

/** `event: entry`: the event's id is its `seq`. In order, without a gap. */
export type FeedEntry = RevocationEntry;

/** `event: heartbeat`: every entry up to `seq` has been sent on this stream. */
export interface FeedHeartbeat {
  seq: number;
  /** The server's clock; may have a fraction. */
  now: number;
  /**
   * Only while the server cannot read its log: for how many seconds it could not. Others may revoke meanwhile, if it is this
   * server alone: a follower does better to look for another one.
   */
  behind?: number;
}
