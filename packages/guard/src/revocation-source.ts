import type { RevocationSet } from "./revocation-set.ts";

/** Where a guard learns what has been revoked. */
export interface RevocationSource {
  readonly set: RevocationSet;
  /** Whether what the set says is young enough to go by. Asked on every use of a token, so it costs next to nothing. */
  readonly isFresh: () => boolean;
  /**
   * What to do with a good token while that is not so: resolves when the set may be asked again and the token passes if
   * nothing stands against it there. Throws a `GuardError`: 401 when the token turns out to be revoked, else 503.
   * `askOtherwise` is how to ask the server about it, where it is asked, if not whether it is still active.
   */
  whenStale(token: string, askOtherwise?: () => Promise<void>): Promise<void>;
  /** Resolves when everything that had been revoked is known; rejects when that cannot be, or when closed before. */
  ready(): Promise<void>;
  status(): RevocationStatus;
  close(): void;
}

export interface RevocationStatus {
  /** Whether the feed is being received. False without one. */
  readonly connected: boolean;
  /** The place in the revocation log that is known without a gap; null before the first snapshot, or without a feed. */
  readonly seq: number | null;
  /** In seconds: how old the knowledge of revocations is. Null before the first snapshot, or without a feed. */
  readonly staleness: number | null;
  /** How many revocations are remembered. */
  readonly entries: number;
  /** Why the feed's last connection failed or ended; null once there is a new one. */
  readonly lastError: string | null;
}

/** What the owner of a set knows of it. */
export interface HeldFreshness {
  readonly seq: number;
  /** In seconds. */
  readonly staleness: number;
}

/** Revocations that are already here: an auth server in the same process keeps the set, and answers for its age. */
export function heldRevocations(set: RevocationSet, freshness?: () => HeldFreshness): RevocationSource {
  return {
    set,
    isFresh: () => true,
    whenStale: () => Promise.resolve(),
    ready: () => Promise.resolve(),
    status: () => {
      const { seq = null, staleness = null } = freshness?.() ?? {};
      return { connected: true, seq, staleness, entries: set.size, lastError: null };
    },
    close: () => {},
  };
}

/** What `status()` says of a guard that cannot see revocations. */
export const UNSEEN: RevocationStatus = { connected: false, seq: null, staleness: null, entries: 0, lastError: null };
