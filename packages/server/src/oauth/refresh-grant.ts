import { OstiaryError } from "../errors.ts";
import type { ProofOfKey } from "../sessions/bound-session.ts";
import { sessionOfToken } from "../sessions/find.ts";
import type { ReadRefreshToken } from "../sessions/refresh-token.ts";
import { refreshSession } from "../sessions/refresh.ts";
import type { IssuedTokens } from "../sessions/session-deps.ts";
import type { Device, Session } from "../sessions/session.ts";
import { rolesIn, scopesIn } from "./granted-tokens.ts";
import type { GrantDeps, GrantedTokens, OAuthClient } from "./granted-tokens.ts";
import { limitsOfGrant } from "./grant-limits.ts";
import type { Grant } from "./oauth-store.ts";

export interface RefreshOfGrant {
  readonly refreshToken: string;
  /** Fewer than were granted, for this access token alone; undefined: all of them. */
  readonly scope: string | undefined;
  readonly resources: readonly string[];
  readonly idempotencyKey: string | null;
  readonly device: Device;
  readonly proof: ProofOfKey | null;
}

/**
 * Exchanges a client's refresh token as our own sign-in exchanges its (RFC 6749 §6): the same rotation, repeats and theft.
 * Throws `invalid_grant` with the reason, or for another key than the token is bound to, `invalid_scope` and `invalid_target`
 * for what was not granted, with nothing changed, and `unavailable` if the claims hook fails.
 */
export async function refreshGrant(deps: GrantDeps, client: OAuthClient, refresh: RefreshOfGrant): Promise<GrantedTokens> {
  const { sessions } = deps;
  const { token, isItsOwn } = await readToken(deps, client, refresh).catch(refuse);
  // What else comes is refused below whatever it proves.
  const proofKey = isItsOwn ? ((await refresh.proof?.spend()) ?? null) : null;
  try {
    // Before the rotation: what fails here has used nothing up.
    const grant = await deps.oauth.store.signOns.findGrant(token.sessionId);
    const issued = await refreshSession(sessions, {
      token,
      delivery: "body",
      deviceCookie: null,
      idempotencyKey: refresh.idempotencyKey,
      device: { ...refresh.device, label: client.name },
      proofKey,
      client: {
        id: client.id,
        firstParty: client.registration.firstParty,
        limits: (session) => limitsOf(deps, client, session, refresh),
      },
    });
    return withIdToken(deps, client, issued, grant);
  } catch (error) {
    return refuse(error);
  }
}

/** Another client's session, and one that is gone, are not its own; of those nothing is told here. */
async function readToken(
  deps: GrantDeps,
  client: OAuthClient,
  refresh: RefreshOfGrant,
): Promise<{ token: ReadRefreshToken; isItsOwn: boolean }> {
  const token = deps.sessions.refreshTokens.read(refresh.refreshToken);
  const before = await sessionOfToken(deps.sessions, token);
  const isItsOwn = before?.clientId === client.id;
  if (isItsOwn) limitsOf(deps, client, before, refresh);
  return { token, isItsOwn };
}

/** What a session was granted never changes: it can be judged before the rotation. */
function limitsOf(
  { settings }: GrantDeps,
  client: OAuthClient,
  session: Session,
  asked: RefreshOfGrant,
): ReturnType<typeof limitsOfGrant> {
  return limitsOfGrant(client, { scopes: words(session.scope), resources: words(session.audience) }, asked, settings);
}

/** Of the same sign-on as the first: the same `sid` and `auth_time`, and no nonce (OIDC Core §12.2). */
function withIdToken(deps: GrantDeps, client: OAuthClient, issued: IssuedTokens, grant: Grant | null): GrantedTokens {
  const { session, user, accessToken, accessTokenSeconds, refreshToken } = issued;
  const tokens = { accessToken, expiresIn: accessTokenSeconds, refreshToken };
  const scopes = scopesIn(accessToken);
  if (grant === null || !scopes.includes("openid")) return tokens;
  const signOn = { id: grant.signOnId, authTime: session.authTime, methods: session.methods };
  const about = { user, clientId: client.id, signOn, scopes, roles: rolesIn(accessToken), nonce: null, accessToken };
  return { ...tokens, idToken: deps.oauth.idTokens.issue(about) };
}

function refuse(error: unknown): never {
  if (!(error instanceof OstiaryError)) throw error;
  if (error.code !== "invalid_token" && error.code !== "invalid_dpop_proof") throw error;
  throw new OstiaryError("invalid_grant", error.message, error.reason === undefined ? {} : { reason: error.reason });
}

function words(text: string | null): string[] {
  return text === null || text === "" ? [] : text.split(" ");
}
