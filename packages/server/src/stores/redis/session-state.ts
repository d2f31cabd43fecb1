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

interface StoredState extends SessionState {
  /** Whether an answer that carried this generation was given to somebody else than who made it. */
  readonly repeated?: true;
}

/** The same, once it is to be repeated: from then on whoever made the generation can not take it back. */
export function repeatedStateOf(stored: string): string {
  return JSON.stringify({ ...(JSON.parse(stored) as StoredState), repeated: true });
}

export function isRepeated(stored: string): boolean {
  return (JSON.parse(stored) as StoredState).repeated === true;
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
  const { generation, refreshKeyId, retired, rotationKeyHash, lateGeneration, rotatedAt, device } = JSON.parse(stored) as SessionState;
  if (generation < row.generation) return row;
  return { ...row, generation, refreshKeyId, retired, rotationKeyHash, lateGeneration, rotatedAt, device };
}
