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

  // Newer than the row: we signed it, so a store lost that write (crash, failover). Go on from there.
  if (presented.generation > generation) return { outcome: "rotate" };

  if (presented.generation === generation) {
    // Answers under way together must carry the same bytes, or a late one puts an older token back into the jar.
    const justBorn = generation > 0 && now - session.rotatedAt < graceMs;
    if (lenient && presented.delivery === "cookie" && justBorn) return { outcome: "repeat", late: false };
    return { outcome: "rotate" };
  }

  const retiredAt = session.retired.findLast((r) => r.generation === presented.generation)?.at;
  const inGrace = lenient && retiredAt !== undefined && now - retiredAt <= graceMs;
  if (inGrace && (presented.delivery === "body" || byKnownBrowser)) return { outcome: "repeat", late: false };

  if (presented.generation === generation - 1) {
    // The answer to that rotation was lost, and nobody but its caller knows the key.
    const sameRequest = presented.idempotencyKeyHash !== null && presented.idempotencyKeyHash === session.rotationKeyHash;
    if (sameRequest) return { outcome: "repeat", late: false };

    // A browser lost an answer. Only once in a row: allowed for ever, owner and thief could follow each other
    // one step behind.
    const handedOutLate = session.lateGeneration === generation || session.lateGeneration === presented.generation;
    if (lenient && byKnownBrowser && !handedOutLate) return { outcome: "repeat", late: true };
  }

  return { outcome: "theft" };
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
  const retired = session.retired.filter((r) => now - r.at <= graceMs);
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

/** The row after the current generation was handed to a browser that had lost the answer. */
export function repeatedLate(session: Session, presented: Presented, now: number): Session {
  // The browser's other tabs may be sending the same old token at this moment: its grace starts anew.
  const retirement: Retirement = { generation: presented.generation, at: now };
  const others = session.retired.filter((r) => r.generation !== presented.generation);
  return { ...session, lateGeneration: session.generation, retired: [...others, retirement].slice(-RETIREMENTS_KEPT) };
}
