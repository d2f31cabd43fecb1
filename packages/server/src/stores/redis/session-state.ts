import type { Session } from "../../sessions/session.ts";
import { sessionExpiresAt } from "../../sessions/session.ts";

/** Clocks differ, and a session that is remembered somewhat longer than it lives does no harm. */
const MARGIN_MS = 86_400_000;

/** What rotations change. The rest is in the database: nobody makes a token from what is in Redis. */
type SessionState = Pick<
  Session,
  "generation" | "refreshKeyId" | "retired" | "rotationKeyHash" | "lateGeneration" | "rotatedAt" | "device"
>;

export function keyOf(sessionId: string): string {
  return `ostiary:session:${sessionId}`;
}

/** The value of the session's key. */
export function stateOf(session: Session): string {
  const { generation, refreshKeyId, retired, rotationKeyHash, lateGeneration, rotatedAt, device } = session;
  const state: SessionState = {
    generation,
    refreshKeyId,
    retired,
    rotationKeyHash,
    lateGeneration,
    rotatedAt,
    device,
  };
  return JSON.stringify(state);
}

/** How long the key is kept from its last rotation on, in milliseconds; by Redis's clock, whatever ours says. */
export function stateTtlMs(session: Session): number {
  return Math.max(sessionExpiresAt(session) - session.rotatedAt, 0) + MARGIN_MS;
}

/**
 * The session as its row and its key tell together. The same object if the key says nothing newer: it was lost, or the
 * rotations were kept in the database meanwhile.
 */
export function withState(row: Session, stored: string | null): Session {
  if (stored === null) return row;
  const state = JSON.parse(stored) as SessionState;
  return state.generation < row.generation ? row : { ...row, ...state };
}
