import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEvent } from "../audit/audit-event.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import { repeatedLate, rotated } from "./decide-rotation.ts";
import { brokenBinding } from "./device-change.ts";
import { isOurs } from "./judge-refresh.ts";
import type { Refresh, RefreshVerdict } from "./judge-refresh.ts";
import type { SessionDeps } from "./session-deps.ts";
import type { Rotation } from "./session-store.ts";
import type { RevokedReason, Session } from "./session.ts";

/** What a verdict makes of the row, the revocation log and the audit. Pure, as the store asks. */
export function carryOutRefresh(
  { policy, keyring, desk }: Pick<SessionDeps, "policy" | "keyring" | "desk">,
  refresh: Refresh,
  verdict: RefreshVerdict,
): Rotation<RefreshVerdict> {
  const { session, user, presented, device, now } = refresh;
  const asItWas = unchanged(verdict, session);
  const changed = changeOf(refresh);
  const both = { presented: presented.generation, generation: session.generation };
  const audit = (type: AuditEvent["type"], detail: Record<string, unknown>): AuditEvent =>
    auditEvent(type, now, device, { userId: session.userId, sessionId: session.id }, detail);
  const ended = (reason: RevokedReason) => ({
    session: { ...session, revokedAt: now, revokedReason: reason },
    revocation: { kind: "session", value: session.id, effect: "revoked", reason, at: now } as const,
  });

  switch (verdict.outcome) {
    case "foreign":
    case "unproven":
    case "refuse":
      return asItWas;
    case "rotate": {
      const next = rotated(session, presented, now, policy, keyring.refreshKeyId);
      const healed = presented.generation > session.generation ? { healedFrom: session.generation } : {};
      return {
        ...asItWas,
        session: { ...next, device },
        audit: audit("refresh", { generation: next.generation, ...healed, ...changed }),
      };
    }
    case "repeat":
      return {
        ...asItWas,
        session: verdict.late ? repeatedLate(session, presented, now) : session,
        audit: audit("refresh_repeated", { ...both, late: verdict.late, ...changed }),
      };
    case "theft": {
      const of = isOurs(session) ? {} : { clientId: session.clientId };
      return {
        ...asItWas,
        ...ended("refresh_token_reused"),
        audit: {
          ...audit("refresh_token_reused", { ...both, ...of, presentedBy: device, lastRotatedBy: session.device }),
          mail: desk?.draft({ kind: "session_stolen", userId: user.id, to: user.email, detail: deviceDetail(device) }),
        },
      };
    }
    case "unbound":
      return {
        ...asItWas,
        ...ended(verdict.reason),
        audit: audit("session_revoked", { reason: verdict.reason, ...both, ...changed }),
      };
  }
}

export function unchanged<Outcome>(outcome: Outcome, session: Session): Rotation<Outcome> {
  return { outcome, session, revocation: null, audit: null };
}

/** Another browser in another network: allowed unless the session is bound, but somebody may want to look. */
function changeOf({ change }: Refresh): Record<string, unknown> {
  if (change === null) return {};
  const isOther = brokenBinding(change, "user-agent") !== null && brokenBinding(change, "network") !== null;
  return { changed: change, ...(isOther ? { suspicious: "refresh_from_another_device" } : {}) };
}
