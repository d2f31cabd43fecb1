import { auditEvent } from "../audit/audit-event.ts";
import type { Client } from "../clients/client.ts";
import { isPublicClient } from "../clients/registration.ts";
import { newSession } from "../sessions/create.ts";
import { hashOf } from "../sessions/hash-of.ts";
import { isProven } from "../sessions/bound-session.ts";
import type { ProofOfKey } from "../sessions/bound-session.ts";
import { revokeSession } from "../sessions/revoke.ts";
import { issueTokens } from "../sessions/session-deps.ts";
import { isLive } from "../sessions/session.ts";
import type { Device, RevokedReason, Session } from "../sessions/session.ts";
import type { User } from "../users/user.ts";
import { endReplayed } from "./end-replayed.ts";
import { invalidGrant, rolesIn, scopesIn } from "./granted-tokens.ts";
import type { GrantDeps, GrantedTokens, OAuthClient } from "./granted-tokens.ts";
import { limitsOfGrant } from "./grant-limits.ts";
import { isOfDevice } from "./issue-code.ts";
import type { AuthorizationCode } from "./oauth-store.ts";
import { isVerifierOf } from "./pkce.ts";

export interface CodeRedemption {
  readonly code: string;
  readonly codeVerifier: string;
  /** Where the code was sent, if the client says so again; OAuth 2.1 no longer asks it to (§10.2). */
  readonly redirectUri: string | undefined;
  /** Fewer than were granted; empty: all of them. */
  readonly resources: readonly string[];
  readonly proof: ProofOfKey | null;
  readonly device: Device;
}

/**
 * Exchanges a code for tokens (OAuth 2.1 §4.1.3), once. Whoever comes second with all that it takes has found the code in
 * two hands: what the first got is worthless from then on. Whoever lacks the verifier, or is another client, changes nothing.
 * Throws `invalid_grant` if the code is no good, and `unavailable` if the claims hook fails, with the code as good as before.
 */
export async function redeemCode(deps: GrantDeps, client: OAuthClient, redemption: CodeRedemption): Promise<GrantedTokens> {
  const code = await deps.oauth.store.codes.find(hashOf(redemption.code));
  if (code === null || isOfDevice(code) || !isItsOwn(code, client, redemption)) throw refused();
  return redeemKept(deps, client, code, redemption);
}

/** The same of a code that was found, and is the client's: from here on one is like another. */
export async function redeemKept(
  deps: GrantDeps,
  client: OAuthClient,
  code: AuthorizationCode,
  { resources, device, proof }: Pick<CodeRedemption, "resources" | "device" | "proof">,
): Promise<GrantedTokens> {
  const proofKey = (await proof?.spend()) ?? null;
  const { sessions, oauth } = deps;
  // Also when it is long too late for it: nobody but the thief or the one he took it from has all that it takes.
  if (code.redeemedAt !== null) return refuseReplay(deps, code, device);
  if (sessions.clock() >= code.expiresAt) throw refused();

  const { user, signOn } = await grantor(deps, code);
  const limits = { ...limitsOfGrant(client, code, { resources }, deps.settings), jti: code.jti, proofKey };
  const { firstParty } = limits;
  const session = sessionFor(deps, client, code, signOn, { device, proofKey });
  // Asked first: a code that nobody got the tokens of would be spent if the hook failed.
  let own = await sessions.accessTokens.ownClaims(user, session, firstParty);
  if (!(await oauth.store.codes.redeem(code.hash, sessions.clock()))) return refuseReplay(deps, code, device);

  const current = await begin(deps, code, session, user, device);
  if (!sessions.accessTokens.isCurrent(own, current, firstParty)) {
    own = await sessions.accessTokens.ownClaims(current, session, firstParty);
  }
  if (session.id === code.sessionId) {
    const issued = issueTokens(sessions, session, current, own, limits);
    return { ...withIdToken(deps, code, current, signOn, issued.accessToken), refreshToken: issued.refreshToken };
  }
  return withIdToken(deps, code, current, signOn, sessions.accessTokens.issue(current, session, own, limits));
}

/** Whether it is this client's, for where it was sent, and by who asked for it: by verifier, and by key if it is bound to one. */
function isItsOwn(code: AuthorizationCode, client: OAuthClient, { codeVerifier, redirectUri, proof }: CodeRedemption): boolean {
  if (!isProven(code, proof?.thumbprint ?? null)) return false;
  const isForIt = code.clientId === client.id && (redirectUri === undefined || redirectUri === code.redirectUri);
  return isForIt && isVerifierOf(codeVerifier, code.codeChallenge);
}

/**
 * Who has allowed it: still there, and still signed in where they were asked. The user comes first: where another password
 * is seen only by looking, the sign-on ends by it.
 */
async function grantor({ sessions, users }: GrantDeps, code: AuthorizationCode): Promise<{ user: User; signOn: Session }> {
  const user = await users.store.find(code.userId);
  if (user === null || user.disabledAt !== null) throw refused();
  const signOn = await sessions.store.find(code.signOnId);
  if (signOn === null || !isLive(signOn, sessions.clock())) throw refused();
  return { user, signOn };
}

/**
 * A session of the client's own if it may refresh: it outlives the browser's. Else there is no row: the access token is one
 * of the browser's session, and ends with it. What a client refreshes that proves itself in no other way is bound to its
 * key (RFC 9449 §5).
 */
function sessionFor(
  { sessions }: GrantDeps,
  client: OAuthClient,
  code: AuthorizationCode,
  signOn: Session,
  { device, proofKey }: { device: Device; proofKey: string | null },
): Session {
  const scope = code.scopes.join(" ");
  const audience = code.resources.length === 0 ? null : code.resources.join(" ");
  const limited = { clientId: client.id, scope, audience };
  const mayRefresh = code.scopes.includes("offline_access") && client.registration.grantTypes.includes("refresh_token");
  // The browser's own key, if its session has one, is not the client's.
  if (!mayRefresh) return { ...signOn, ...limited, proofKey: null };
  const { authTime, methods, userId } = signOn;
  const grant = { ...limited, sessionId: code.sessionId, authTime, methods };
  const own = { ...device, label: client.name };
  const boundTo = isPublicClient(client.registration) ? proofKey : null;
  return newSession(sessions, { id: userId }, { remember: false, deviceCookie: null, device: own, proofKey: boundTo, grant });
}

/** Begins the client's own session, if it is to have one, of a user who may have changed in the meantime. */
async function begin(deps: GrantDeps, code: AuthorizationCode, session: Session, user: User, device: Device): Promise<User> {
  const { sessions, oauth } = deps;
  const { clientId, signOnId, scopes } = code;
  const isOwn = session.id === code.sessionId;
  if (!isOwn) {
    // A withdrawal and a deletion of the client revoke the token by its code, which is marked by now; a sign-out may be over.
    const signOn = await sessions.store.find(signOnId);
    if (signOn === null || !isLive(signOn, sessions.clock())) throw refused();
    return user;
  }
  const detail = { clientId, scope: scopes.join(" "), signOnId, device: session.device.label };
  const audit = auditEvent("app_session_began", session.createdAt, device, { userId: user.id, sessionId: session.id }, detail);
  const current = await sessions.store.create(session, user.passwordHash, audit);
  if (current === null) throw refused();
  await oauth.store.signOns.keepGrant({ sessionId: session.id, signOnId, clientId, expiresAt: session.expiresAt });
  await lookAgain(deps, code, device);
  return current;
}

/**
 * What has happened since the decision, when there was no session yet to be ended: a replay of the code, a sign-out
 * everywhere, an access taken back, a client deleted. A replay leaves the answer as it is: what it holds is worth nothing.
 */
async function lookAgain(deps: GrantDeps, code: AuthorizationCode, device: Device): Promise<void> {
  const { sessions, oauth } = deps;
  const { userId, clientId } = code;
  const [kept, signOn, [client], allowed] = await Promise.all([
    oauth.store.codes.find(code.hash),
    sessions.store.find(code.signOnId),
    oauth.clients.findAll([clientId]),
    oauth.store.consents.find(userId, clientId),
  ]);
  const isReplayed = kept !== null && kept.replayedAt !== null;
  const ended = reasonOfEnd(signOn, sessions.clock(), client, code.scopes.every((scope) => allowed.includes(scope)));
  const reason = isReplayed ? "code_reused" : ended;
  if (reason === null) return;
  await revokeSession(sessions, { id: code.sessionId, userId }, reason, device, { clientId });
  if (ended !== null) throw refused();
}

function reasonOfEnd(signOn: Session | null, now: number, client: Client | undefined, isAllowed: boolean): RevokedReason | null {
  if (client === undefined) return "client_deleted";
  if (client.registration?.firstParty !== true && !isAllowed) return "consent_withdrawn";
  return signOn === null || !isLive(signOn, now) ? (signOn?.revokedReason ?? "session_deleted") : null;
}

function withIdToken(
  { oauth, sessions }: GrantDeps,
  { clientId, nonce }: AuthorizationCode,
  user: User,
  signOn: Session,
  accessToken: string,
): GrantedTokens {
  const scopes = scopesIn(accessToken);
  const tokens = { accessToken, expiresIn: sessions.accessTokens.lifetimeSeconds };
  if (!scopes.includes("openid")) return tokens;
  return {
    ...tokens,
    idToken: oauth.idTokens.issue({ user, clientId, signOn, scopes, roles: rolesIn(accessToken), nonce, accessToken }),
  };
}

async function refuseReplay(deps: GrantDeps, code: AuthorizationCode, device: Device): Promise<never> {
  await endReplayed(deps, code, device);
  throw refused();
}

function refused(): Error {
  return invalidGrant("The code is not good, or no longer, or not for this client, redirect URI and verifier.");
}
