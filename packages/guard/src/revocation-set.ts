/**
 * What has been revoked, in memory: the answer to "is this token still good?" without asking anyone.
 * It owns no connection and no log: a follower, or the auth server in the same process, applies the entries.
 */
import type { RevocationEntry, TokenReason } from "@ostiary/protocol";

/** What the set needs to know of a token. */
export interface RevocationSubject {
  readonly jti: string;
  readonly kid: string | undefined;
  readonly sid: string;
  readonly sub: string;
  readonly ver: number;
}

export interface RevocationSet {
  /** Idempotent, and indifferent to order: entries may come twice, or late. */
  apply(entry: RevocationEntry): void;
  /** Why the token is refused, or undefined when nothing is known against it. */
  check(token: RevocationSubject): TokenReason | undefined;
  /**
   * Forgets marks that can concern no token any more. Each `apply` looks at a few by itself; this looks at `steps` more,
   * by default at all of them.
   */
  sweep(steps?: number): void;
  /** How many sessions, users, tokens and keys are remembered. */
  readonly size: number;
  /** Grows with each entry: as long as it is the same, a token that nothing was known against is as good as then. */
  readonly revision: number;
}

export interface RevocationSetOptions {
  /** Milliseconds since the epoch, like `Date.now`, which is the default. */
  readonly clock?: () => number;
}

interface Mark {
  readonly effect: RevocationEntry["effect"];
  readonly expiresAt: number;
}

interface SubjectMark {
  /** Tokens with a lower `ver` are revoked. */
  readonly revokedBelow: number;
  /** Tokens with a lower `ver` are stale. */
  readonly staleBelow: number;
  readonly expiresAt: number;
}

/**
 * Entries are kept this long past their time. A late entry harms nobody (what it concerns has expired anyway), while
 * one forgotten early would revive tokens: within the clock tolerance, or when a clock that ran ahead is set back.
 */
const KEPT_AFTER_EXPIRY_SECONDS = 300;

/** Marks looked at per applied entry: a full round is over before the set has grown by a third. */
const SWEEP_STEPS = 4;

/** An empty set of revocations. Bounded by the revocations of one access-token lifetime and five minutes. */
export function createRevocationSet({ clock = Date.now }: RevocationSetOptions = {}): RevocationSet {
  const keys = new Map<string, Mark>();
  const tokens = new Map<string, Mark>();
  const sessions = new Map<string, Mark>();
  const subjects = new Map<string, SubjectMark>();
  const maps: readonly Map<string, { readonly expiresAt: number }>[] = [keys, tokens, sessions, subjects];
  let round = walk(maps);
  let revision = 0;

  function sweep(steps: number): void {
    const now = clock() / 1000;
    for (let step = 0; step < steps; step++) {
      const { value: seen, done } = round.next();
      if (done) {
        round = walk(maps);
        return;
      }
      if (seen.mark.expiresAt + KEPT_AFTER_EXPIRY_SECONDS < now) seen.map.delete(seen.key);
    }
  }

  return {
    apply(entry) {
      revision += 1;
      sweep(SWEEP_STEPS);
      switch (entry.kind) {
        case "key":
          return remember(keys, entry);
        case "token":
          return remember(tokens, entry);
        case "session":
          return remember(sessions, entry);
        case "subject":
          return rememberSubject(subjects, entry);
      }
    },

    check(token) {
      const own = (token.kid === undefined ? undefined : keys.get(token.kid)) ?? tokens.get(token.jti);
      if (own !== undefined) return own.effect === "revoked" ? "token_revoked" : "token_stale";
      const session = sessions.get(token.sid);
      if (session !== undefined) return session.effect === "revoked" ? "session_revoked" : "token_stale";
      const subject = subjects.get(token.sub);
      if (subject === undefined) return undefined;
      if (token.ver < subject.revokedBelow) return "token_revoked";
      return token.ver < subject.staleBelow ? "token_stale" : undefined;
    },

    sweep(steps) {
      if (steps === undefined) round = walk(maps);
      sweep(steps ?? Infinity);
    },

    get size() {
      return keys.size + tokens.size + sessions.size + subjects.size;
    },

    get revision() {
      return revision;
    },
  };
}

function remember(map: Map<string, Mark>, { value, effect, expiresAt }: RevocationEntry): void {
  const known = map.get(value);
  // The harder effect and the later time win, so that neither a repeated nor a reordered entry takes anything back.
  map.set(value, {
    effect: known?.effect === "revoked" ? "revoked" : effect,
    expiresAt: Math.max(expiresAt, known?.expiresAt ?? 0),
  });
}

function rememberSubject(map: Map<string, SubjectMark>, entry: RevocationEntry): void {
  const known = map.get(entry.value);
  // An entry that names no version means every token of the user: what is unclear is refused.
  const version = entry.version ?? Infinity;
  map.set(entry.value, {
    revokedBelow: Math.max(entry.effect === "revoked" ? version : 0, known?.revokedBelow ?? 0),
    staleBelow: Math.max(entry.effect === "stale" ? version : 0, known?.staleBelow ?? 0),
    expiresAt: Math.max(entry.expiresAt, known?.expiresAt ?? 0),
  });
}

/** One round over all marks. A Map's iterator stays good while entries come and go, so a round may be paused. */
function* walk(maps: readonly Map<string, { readonly expiresAt: number }>[]) {
  for (const map of maps) {
    for (const [key, mark] of map) yield { map, key, mark };
  }
}
