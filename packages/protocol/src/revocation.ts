/** The revocation log's entries as guards see them. Times in seconds since the epoch. */

/** `session` (sid), `subject` (sub, below a version), `token` (jti), `key` (kid). */
export type RevocationKind = "session" | "subject" | "token" | "key";

/** `revoked`: sign in again. `stale`: refresh, and go on. */
export type RevocationEffect = "revoked" | "stale";

/**
 * How long a guard goes by the last keys it was given while its issuer publishes none. Whatever takes a key back has to be
 * known for as long.
 */
export const LAST_GOOD_KEYS_SECONDS = 86_400;

export interface RevocationEntry {
  /** Position in the log, rising in commit order. */
  seq: number;
  kind: RevocationKind;
  /** The sid, sub, jti or kid that is meant. */
  value: string;
  /** Kind `subject` only: tokens whose `ver` is below this are meant. */
  version?: number;
  effect: RevocationEffect;
  /** When every access token this entry could concern has expired. */
  expiresAt: number;
  /** Why, for people and logs: `logout`, `theft`, `password_changed`, … */
  reason: string;
}
