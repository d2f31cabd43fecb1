import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { OstiaryError } from "../errors.ts";
import type { OwnClaims, TokenLimits } from "../tokens/access-token.ts";
import type { User } from "../users/user.ts";
import { unproven } from "./bound-session.ts";
import { carryOutRefresh, unchanged } from "./carry-out-refresh.ts";
import type { RefusalReason } from "./decide-rotation.ts";
import { deviceChange } from "./device-change.ts";
import { hashOf } from "./hash-of.ts";
import { judgeRefresh } from "./judge-refresh.ts";
import type { Refresh, RefreshVerdict } from "./judge-refresh.ts";
import { isGenuine } from "./refresh-token.ts";
import type { ReadRefreshToken } from "./refresh-token.ts";
import { issueTokens } from "./session-deps.ts";
import type { IssuedTokens, SessionDeps } from "./session-deps.ts";
import type { Device, Session } from "./session.ts";

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
  const { sessionId } = request.token;
  const result = await deps.store.rotate<RefreshVerdict | "ask_hook">(sessionId, (session, user) => {
    const refresh = refreshOf(request, session, user, deps.clock());
    const verdict = judgeRefresh(refresh, deps.policy);
    const goesOn = verdict.outcome === "rotate" || verdict.outcome === "repeat";
    if (goesOn && !deps.accessTokens.isCurrent(own, user, request.client?.firstParty)) return unchanged("ask_hook", session);
    return carryOutRefresh(deps, refresh, verdict);
  });

  // A row that is gone ended long ago.
  if (result === null) throw refused("session_expired");
  if (result.entry !== null) deps.revocations.publish(result.entry);
  const { outcome: verdict, session, user } = result;
  if (verdict === "ask_hook") return { outcome: verdict, session, user };
  const refusal = refusalOf(verdict);
  if (refusal !== null) throw refusal;
  return { outcome: "go_on", session, user };
}

function refreshOf(request: RefreshRequest, session: Session, user: User, now: number): Refresh {
  const { token, deviceCookie, idempotencyKey, delivery, device, proofKey } = request;
  return {
    session,
    user,
    presented: {
      generation: token.generation,
      genuine: isGenuine(session, token),
      expiresAt: token.expiresAt,
      delivery,
      knownDevice: deviceCookie !== null && hashOf(deviceCookie) === session.deviceHash,
      idempotencyKeyHash: idempotencyKey === null ? null : hashOf(`${session.id} ${idempotencyKey}`),
    },
    clientId: request.client?.id ?? FIRST_PARTY_CLIENT_ID,
    proofKey,
    device,
    change: deviceChange(session.device, device),
    now,
  };
}

/** Null for what goes on. */
function refusalOf(verdict: RefreshVerdict): OstiaryError | null {
  switch (verdict.outcome) {
    case "rotate":
    case "repeat":
      return null;
    case "foreign":
      return new OstiaryError("invalid_token", "The refresh token was issued to another client.", { reason: "claim_invalid" });
    case "unproven":
      return unproven();
    case "refuse":
      return refused(verdict.reason);
    case "theft":
      return refused("refresh_token_reused");
    case "unbound":
      return refused("session_revoked");
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
