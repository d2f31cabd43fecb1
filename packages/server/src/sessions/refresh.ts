import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEvent } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import { decideRotation, repeatedLate, rotated } from "./decide-rotation.ts";
import type { Presented, RefusalReason, RotationDecision } from "./decide-rotation.ts";
import { hashOf } from "./hash-of.ts";
import { isGenuine } from "./refresh-token.ts";
import type { ReadRefreshToken } from "./refresh-token.ts";
import type { IssuedTokens, SessionDeps } from "./session-deps.ts";
import { issueTokens } from "./session-deps.ts";
import type { Rotation } from "./session-store.ts";
import type { Device, Session } from "./session.ts";

export interface RefreshRequest {
  readonly token: ReadRefreshToken;
  readonly delivery: "cookie" | "body";
  readonly deviceCookie: string | null;
  readonly idempotencyKey: string | null;
  readonly device: Device;
}

/**
 * Exchanges a refresh token for the session's next one, or for the current one where the answer was lost or overtaken.
 * Throws `invalid_token` with the reason; for a token that was used before, after the session has been revoked.
 */
export async function refreshSession(deps: SessionDeps, request: RefreshRequest): Promise<IssuedTokens> {
  const { token } = request;
  const result = await deps.store.rotate(token.sessionId, (session) => {
    const now = deps.clock();
    const presented: Presented = {
      generation: token.generation,
      genuine: isGenuine(session, token),
      expiresAt: token.expiresAt,
      delivery: request.delivery,
      knownDevice: request.deviceCookie !== null && hashOf(request.deviceCookie) === session.deviceHash,
      idempotencyKeyHash: request.idempotencyKey === null ? null : hashOf(`${session.id} ${request.idempotencyKey}`),
    };
    const decision = decideRotation(session, presented, now, deps.policy);
    return carryOut(deps, session, presented, decision, request.device, now);
  });

  // A row that is gone ended long ago.
  if (result === null) throw refused("session_expired");
  if (result.entry !== null) deps.revocations.publish(result.entry);
  if (result.outcome.outcome === "refuse") throw refused(result.outcome.reason);
  if (result.outcome.outcome === "theft") throw refused("refresh_token_reused");
  return issueTokens(deps, result.session, result.user);
}

/** What a decision makes of the row, the revocation log and the audit. Pure, as the store asks. */
function carryOut(
  deps: SessionDeps,
  session: Session,
  presented: Presented,
  decision: RotationDecision,
  device: Device,
  now: number,
): Rotation<RotationDecision> {
  const unchanged = { outcome: decision, session, revocation: null, audit: null };
  const audit = (type: AuditEvent["type"], detail: Record<string, unknown>): AuditEvent =>
    auditEvent(type, now, device, { userId: session.userId, sessionId: session.id }, detail);

  switch (decision.outcome) {
    case "refuse":
      return unchanged;
    case "rotate": {
      const next = rotated(session, presented, now, deps.policy, deps.keyring.refreshKeyId);
      const healed = presented.generation > session.generation ? { healedFrom: session.generation } : {};
      return {
        ...unchanged,
        session: { ...next, device },
        audit: audit("refresh", { generation: next.generation, ...healed }),
      };
    }
    case "repeat":
      return {
        ...unchanged,
        session: decision.late ? repeatedLate(session, presented, now) : session,
        audit: audit("refresh_repeated", {
          presented: presented.generation,
          generation: session.generation,
          late: decision.late,
        }),
      };
    case "theft":
      return {
        ...unchanged,
        session: { ...session, revokedAt: now, revokedReason: "refresh_token_reused" },
        revocation: {
          kind: "session",
          value: session.id,
          effect: "revoked",
          reason: "refresh_token_reused",
          at: now,
        },
        audit: audit("refresh_token_reused", {
          presented: presented.generation,
          generation: session.generation,
          presentedBy: device,
          lastRotatedBy: session.device,
        }),
      };
  }
}

const EXPLANATIONS: Record<RefusalReason, string> = {
  signature_invalid: "The refresh token is not one this session gave out.",
  session_revoked: "The session has been ended. Sign in again.",
  session_expired: "The session has expired. Sign in again.",
  refresh_token_reused: "A refresh token was used twice, so the session was ended for safety. Sign in again.",
};

function refused(reason: RefusalReason): OstiaryError {
  return new OstiaryError("invalid_token", EXPLANATIONS[reason], { reason });
}
