import { decideRotation, repeatedLate, rotated } from "../../src/sessions/decide-rotation.ts";
import type { Presented, RotationDecision } from "../../src/sessions/decide-rotation.ts";
import { sessionExpiresAt } from "../../src/sessions/session.ts";
import type { Session } from "../../src/sessions/session.ts";
import type { Token } from "./state.ts";

/** What a store does with the decision, as one transaction: the new row, and the token that is handed out. */
export interface Served {
  readonly decision: RotationDecision;
  readonly row: Session;
  readonly answer: Token | null;
  readonly findings: readonly string[];
}

export function serve(row: Session, presented: Presented, now: number, graceSeconds: number): Served {
  const policy = { graceSeconds };
  const decision = decideRotation(row, presented, now, policy);
  switch (decision.outcome) {
    case "rotate": {
      const next = rotated(row, presented, now, policy, row.refreshKeyId);
      return { decision, row: next, answer: tokenOf(next), findings: [] };
    }
    case "repeat": {
      const next = decision.late ? repeatedLate(row, presented, now) : row;
      const byKey = presented.idempotencyKeyHash !== null && presented.idempotencyKeyHash === row.rotationKeyHash;
      const findings = graceSeconds === 0 && !byKey ? ["strict, yet a used token was answered without its key"] : [];
      return { decision, row: next, answer: tokenOf(next), findings };
    }
    case "theft": {
      const revoked: Session = { ...row, revokedAt: now, revokedReason: "refresh_token_reused" };
      return { decision, row: revoked, answer: null, findings: [] };
    }
    case "refuse":
      return { decision, row, answer: null, findings: [] };
  }
}

/** The token of the row's current generation: made from the row alone, so the same bytes each time. */
function tokenOf(row: Session): Token {
  return { generation: row.generation, bornAt: row.rotatedAt, expiresAt: sessionExpiresAt(row) };
}

export function present(token: Token, delivery: "cookie" | "body", device: boolean, key: number | null): Presented {
  return {
    generation: token.generation,
    genuine: true,
    expiresAt: token.expiresAt,
    delivery,
    knownDevice: device && delivery === "cookie",
    idempotencyKeyHash: key === null ? null : `key-${key}`,
  };
}
