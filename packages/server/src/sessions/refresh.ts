import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEvent } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import type { OwnClaims, TokenLimits } from "../tokens/access-token.ts";
import type { User } from "../users/user.ts";
import { decideRotation, repeatedLate, rotated } from "./decide-rotation.ts";
import type { Presented, RefusalReason, RotationDecision } from "./decide-rotation.ts";
import { isProven, unproven } from "./bound-session.ts";
import { brokenBinding, deviceChange } from "./device-change.ts";
import type { DeviceChange } from "./device-change.ts";
import { hashOf } from "./hash-of.ts";
import { isGenuine } from "./refresh-token.ts";
import type { ReadRefreshToken } from "./refresh-token.ts";
import type { IssuedTokens, SessionDeps } from "./session-deps.ts";
import { issueTokens } from "./session-deps.ts";
import type { Rotation } from "./session-store.ts";
import type { Device, RevokedReason, Session } from "./session.ts";

export interface RefreshRequest {
  readonly token: ReadRefreshToken;
  readonly delivery: "cookie" | "body";
  readonly deviceCookie: string | null;
  readonly idempotencyKey: string | null;
  readonly device: Device;
  /** The key that the request proves to have, by its thumbprint: the fresh access token is bound to it. */
  readonly proofKey: string | null;
  /** The client of OAuth that refreshes, and what its access token is limited to. Default: our own sign-in. */
  readonly client?: { readonly id: string; readonly firstParty: boolean; limits(session: Session): TokenLimits } | undefined;
}

/** What becomes of a refresh: what the table says, unless the session is bound to where it no longer comes from. */
type Verdict =
  | RotationDecision
  | { readonly outcome: "unbound"; readonly reason: RevokedReason }
  | Untouched;

/** The token is good, but not for who has sent it: nothing becomes of it. */
interface Untouched {
  readonly outcome: "foreign" | "unproven";
}

/**
 * Exchanges a refresh token for the session's next one, or for the current one where the answer was lost or overtaken.
 * Throws `invalid_token` with the reason; for a token that was used before, or that comes from where the session is not
 * bound to, after the session has been revoked. Throws `invalid_dpop_proof`, with nothing changed, for a session that is
 * bound to another key than the request proves to have.
 * Throws `unavailable` if the claims hook or the application's table of users fails, with nothing changed: the same token
 * can be sent again.
 */
export async function refreshSession(deps: SessionDeps, request: RefreshRequest): Promise<IssuedTokens> {
  await keepUpWithUser(deps, request.token.sessionId);
  let own: OwnClaims | null = null;
  for (;;) {
    const { outcome, session, user } = await tryToRotate(deps, request, own);
    if (outcome !== "ask_hook") {
      // A store that does not lock may have seen the user change between the decision and its writing.
      const isStill = deps.accessTokens.isCurrent(own, user, request.client?.firstParty);
      const claims = isStill ? own : await deps.accessTokens.ownClaims(user, session, request.client?.firstParty);
      const { proofKey } = request;
      return issueTokens(deps, session, user, claims, { ...request.client?.limits(session), proofKey });
    }
    own = await deps.accessTokens.ownClaims(user, session, request.client?.firstParty);
  }
}

/** Before anything is written: whoever was disabled meanwhile, say, has no session that could rotate. */
async function keepUpWithUser({ keepUp, store }: SessionDeps, sessionId: string): Promise<void> {
  if (keepUp === undefined) return;
  const session = await store.find(sessionId);
  if (session !== null && session.revokedAt === null) await keepUp(session.userId);
}

/** Rotates, or changes nothing and says `ask_hook` if the token could not be issued with these claims. */
async function tryToRotate(
  deps: SessionDeps,
  request: RefreshRequest,
  own: OwnClaims | null,
): Promise<{ outcome: "ask_hook" | "go_on"; session: Session; user: User }> {
  const { token } = request;
  const result = await deps.store.rotate<Verdict | "ask_hook">(token.sessionId, (session, user) => {
    const now = deps.clock();
    const presented: Presented = {
      generation: token.generation,
      genuine: isGenuine(session, token),
      expiresAt: token.expiresAt,
      delivery: request.delivery,
      knownDevice: request.deviceCookie !== null && hashOf(request.deviceCookie) === session.deviceHash,
      idempotencyKeyHash: request.idempotencyKey === null ? null : hashOf(`${session.id} ${request.idempotencyKey}`),
    };
    // Whose token it is comes first: another client's is left alone, whatever it is worth.
    const clientId = request.client?.id ?? FIRST_PARTY_CLIENT_ID;
    if (presented.genuine && session.clientId !== clientId) return unchanged({ outcome: "foreign" }, session);
    // Stolen tokens that come without the key change nothing either: no thief can end the session by using them twice.
    if (presented.genuine && !isProven(session, request.proofKey)) return unchanged({ outcome: "unproven" }, session);
    const change = deviceChange(session.device, request.device);
    const verdict = judge(deps, session, presented, change, now);
    const goesOn = verdict.outcome === "rotate" || verdict.outcome === "repeat";
    if (goesOn && !deps.accessTokens.isCurrent(own, user, request.client?.firstParty)) return unchanged("ask_hook", session);
    return carryOut(deps, session, user, presented, verdict, request.device, change, now);
  });

  // A row that is gone ended long ago.
  if (result === null) throw refused("session_expired");
  if (result.entry !== null) deps.revocations.publish(result.entry);
  const { outcome, session, user } = result;
  if (outcome !== "ask_hook" && outcome.outcome === "foreign") {
    throw new OstiaryError("invalid_token", "The refresh token was issued to another client.", { reason: "claim_invalid" });
  }
  if (outcome !== "ask_hook" && outcome.outcome === "unproven") throw unproven();
  if (outcome === "ask_hook") return { outcome, session, user };
  if (outcome.outcome === "refuse") throw refused(outcome.reason);
  if (outcome.outcome === "theft") throw refused("refresh_token_reused");
  if (outcome.outcome === "unbound") throw refused("session_revoked");
  return { outcome: "go_on", session, user };
}

function unchanged<Outcome>(outcome: Outcome, session: Session): Rotation<Outcome> {
  return { outcome, session, revocation: null, audit: null };
}

function judge(
  { policy }: SessionDeps,
  session: Session,
  presented: Presented,
  change: DeviceChange | null,
  now: number,
): Exclude<Verdict, Untouched> {
  const decision = decideRotation(session, presented, now, policy);
  // What is refused or stolen is so wherever it comes from.
  if (decision.outcome === "refuse" || decision.outcome === "theft") return decision;
  // A client of OAuth is a program, which may run on many machines.
  const isOurs = session.clientId === FIRST_PARTY_CLIENT_ID;
  const reason = isOurs ? brokenBinding(change, policy.binding) : null;
  return reason === null ? decision : { outcome: "unbound", reason };
}

/** What a verdict makes of the row, the revocation log and the audit. Pure, as the store asks. */
function carryOut(
  deps: SessionDeps,
  session: Session,
  user: User,
  presented: Presented,
  verdict: Exclude<Verdict, Untouched>,
  device: Device,
  change: DeviceChange | null,
  now: number,
): Rotation<Verdict> {
  const asItWas = unchanged(verdict, session);
  const isOther = brokenBinding(change, "user-agent") !== null && brokenBinding(change, "network") !== null;
  // Another browser in another network: allowed unless the session is bound, but somebody may want to look.
  const changed = change === null ? {} : { changed: change, ...(isOther ? { suspicious: "refresh_from_another_device" } : {}) };
  const audit = (type: AuditEvent["type"], detail: Record<string, unknown>): AuditEvent =>
    auditEvent(type, now, device, { userId: session.userId, sessionId: session.id }, detail);
  const ended = (reason: RevokedReason) => ({
    session: { ...session, revokedAt: now, revokedReason: reason },
    revocation: { kind: "session", value: session.id, effect: "revoked", reason, at: now } as const,
  });
  // What happens in another application's session says nothing of the devices that the user has.
  const isOurs = session.clientId === FIRST_PARTY_CLIENT_ID;
  const of = isOurs ? {} : { clientId: session.clientId };
  const both = { presented: presented.generation, generation: session.generation };

  switch (verdict.outcome) {
    case "refuse":
      return asItWas;
    case "rotate": {
      const next = rotated(session, presented, now, deps.policy, deps.keyring.refreshKeyId);
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
    case "theft":
      return {
        ...asItWas,
        ...ended("refresh_token_reused"),
        audit: {
          ...audit("refresh_token_reused", { ...both, ...of, presentedBy: device, lastRotatedBy: session.device }),
          mail: deps.desk?.draft({ kind: "session_stolen", userId: user.id, to: user.email, detail: deviceDetail(device) }),
        },
      };
    case "unbound":
      return {
        ...asItWas,
        ...ended(verdict.reason),
        audit: audit("session_revoked", { reason: verdict.reason, ...both, ...changed }),
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
