import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { revokeToken } from "../revocation/revoke-token.ts";
import type { TokenRevocationDeps } from "../revocation/revoke-token.ts";
import { revokeSession } from "../sessions/revoke.ts";
import type { SessionDeps } from "../sessions/session-deps.ts";
import type { OAuthStore } from "./oauth-store.ts";

export interface AccessDeps extends Pick<SessionDeps, "store" | "revocations" | "clock">, TokenRevocationDeps {
  readonly oauth: Pick<OAuthStore, "codes" | "consents" | "signOns">;
  /** How long access tokens live. */
  readonly accessTokenSeconds: number;
}

const PAGE = 100;

/** Ends what a client that is no more still holds of users: its sessions, and tokens of sessions that are not its own. */
export async function endAccessOfClient(deps: AccessDeps, clientId: string, origin: Origin): Promise<void> {
  for (;;) {
    const sessions = await deps.oauth.signOns.sessionsOf(clientId, PAGE);
    for (const session of sessions) await revokeSession(deps, session, "client_deleted", origin, { clientId });
    if (sessions.length < PAGE) break;
  }
  await revokeTokensOf(deps, { clientId }, origin);
}

/** A user lets a client do nothing more: consent and sessions end, and tokens are worthless, at once. */
export async function withdrawAccess(deps: AccessDeps, of: { userId: string; clientId: string }, origin: Origin): Promise<void> {
  const { userId, clientId } = of;
  // The server's own sign-in is no client that was let in.
  if (clientId === FIRST_PARTY_CLIENT_ID) return;
  const audit = auditEvent("consent_withdrawn", deps.clock(), origin, { userId }, { clientId });
  await deps.oauth.consents.withdraw(userId, clientId, audit);
  const live = await deps.store.listLive(userId, deps.clock());
  for (const session of live) {
    if (session.clientId === clientId) await revokeSession(deps, session, "consent_withdrawn", origin, { clientId });
  }
  await revokeTokensOf(deps, of, origin);
}

/** Of clients that cannot refresh nothing is stored but the code that the token was given for. */
async function revokeTokensOf(deps: AccessDeps, of: { clientId: string; userId?: string }, origin: Origin): Promise<void> {
  const expiringAfter = deps.clock() - deps.accessTokenSeconds * 1000;
  for (const { jti, userId, signOnId } of await deps.oauth.codes.tokensOf(of, expiringAfter)) {
    await revokeToken(deps, { jti, userId, sessionId: signOnId }, origin, { clientId: of.clientId });
  }
}
