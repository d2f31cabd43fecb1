import { sessionExpiresAt } from "./session.ts";
import type { Retirement, Session } from "./session.ts";

/** A refresh token whose signature was verified, and how it came. */
export interface Presented {
  readonly generation: number;
  /** Whether the token's `jti` is the one this session gives that generation. */
  readonly genuine: boolean;
  /** The token's own `exp`, in milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly delivery: "cookie" | "body";
  /** Whether the session's device cookie came along. */
  readonly knownDevice: boolean;
  readonly idempotencyKeyHash: string | null;
}

export interface RotationPolicy {
  /** How long answers may overtake each other, in seconds. 0 is strict: a token is good for one use. */
  readonly graceSeconds: number;
}

export type RotationDecision =
  | { readonly outcome: "refuse"; readonly reason: RefusalReason }
  | { readonly outcome: "rotate" }
  | { readonly outcome: "repeat"; readonly late: boolean }
  | { readonly outcome: "theft" };

export type RefusalReason = "signature_invalid" | "session_revoked" | "session_expired" | "refresh_token_reused";

/** How many retirements a row remembers: more rotations than this within one grace are not an honest client's. */
const RETIREMENTS_KEPT = 32;

/** What happens to a presented refresh token. Pure: the store calls it inside the transaction that holds the row. */
export function decideRotation(
  session: Session,
  presented: Presented,
  now: number,
  policy: RotationPolicy,
): RotationDecision {
  const refusal = refusalOf(session, presented, now);
  if (refusal !== null) return { outcome: "refuse", reason: refusal };

  const { generation } = session;
  const graceMs = policy.graceSeconds * 1000;
  const lenient = graceMs > 0;
  const byKnownBrowser = presented.delivery === "cookie" && presented.knownDevice;
  const inGrace = (retired: number): boolean => {
    const retiredAt = session.retired.findLast((one) => one.generation === retired)?.at;
    return lenient && retiredAt !== undefined && now - retiredAt <= graceMs;
  };

  // Newer than the row: we signed it, so a store lost that write (crash, failover). Go on from there.
  if (presented.generation > generation) return { outcome: "rotate" };

  if (presented.generation === generation) {
    // While the token before may still be answered, the answers under way must carry the same bytes, or a late one
    // puts an older token back into the jar.
    if (presented.delivery === "cookie" && inGrace(generation - 1)) return { outcome: "repeat", late: false };
    return { outcome: "rotate" };
  }

  // The answer to that rotation was lost, and nobody but its caller knows the key. Ahead of the grace, because a retry
  // given up may still arrive after it.
  if (isSameRequest(session, presented)) return { outcome: "repeat", late: true };

  if (inGrace(presented.generation) && (presented.delivery === "body" || byKnownBrowser)) {
    return { outcome: "repeat", late: false };
  }

  if (presented.generation === generation - 1) {
    // A browser lost an answer. Only once in a row: allowed for ever, owner and thief could follow each other
    // one step behind.
    const handedOutLate = session.lateGeneration === generation || session.lateGeneration === presented.generation;
    if (lenient && byKnownBrowser && !handedOutLate) return { outcome: "repeat", late: true };
  }

  return { outcome: "theft" };
}

function isSameRequest(session: Session, presented: Presented): boolean {
  const { generation, idempotencyKeyHash } = presented;
  if (generation !== session.generation - 1 || idempotencyKeyHash === null) return false;
  return idempotencyKeyHash === session.rotationKeyHash;
}

function refusalOf(session: Session, presented: Presented, now: number): RefusalReason | null {
  if (!presented.genuine) return "signature_invalid";
  if (session.revokedAt !== null) {
    // Whoever comes after a theft was found is told so: one of them is the owner.
    return session.revokedReason === "refresh_token_reused" ? "refresh_token_reused" : "session_revoked";
  }
  // A row that lost its last rotations looks idle for longer than it was; the newer token knows better.
  const newer = presented.generation > session.generation;
  const expiresAt = newer ? Math.min(presented.expiresAt, session.expiresAt) : sessionExpiresAt(session);
  return now >= expiresAt ? "session_expired" : null;
}

/** The row after the presented token was rotated. `refreshKeyId` signs the new generation. */
export function rotated(
  session: Session,
  presented: Presented,
  now: number,
  policy: RotationPolicy,
  refreshKeyId: string,
): Session {
  const graceMs = policy.graceSeconds * 1000;
  const retired = session.retired.filter(({ at }) => now - at <= graceMs);
  // Where the row had lost writes, the generations in between count as retired just now: answers that carry them
  // may still be under way.
  const first = Math.max(Math.min(session.generation, presented.generation), presented.generation - RETIREMENTS_KEPT + 1);
  for (let generation = first; generation <= presented.generation; generation++) retired.push({ generation, at: now });
  return {
    ...session,
    generation: presented.generation + 1,
    refreshKeyId,
    retired: retired.slice(-RETIREMENTS_KEPT),
    rotationKeyHash: presented.idempotencyKeyHash,
    rotatedAt: now,
  };
}

/** The row after the current generation was handed to a client that had lost the answer. */
export function repeatedLate(session: Session, presented: Presented, now: number): Session {
  // Other tabs, or a retry given up, may be bringing the same old token at this moment: its grace starts anew.
  const retirement: Retirement = { generation: presented.generation, at: now };
  const others = session.retired.filter(({ generation }) => generation !== presented.generation);
  // A key proves who asks: nothing has to be forgiven.
  const lateGeneration = isSameRequest(session, presented) ? session.lateGeneration : session.generation;
  return { ...session, lateGeneration, retired: [...others, retirement].slice(-RETIREMENTS_KEPT) };
}
