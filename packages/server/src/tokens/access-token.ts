/**
 * Tokens: what an access token says about a user in a session.
 * Owns its claims. Keys are the key ring's, signing is `@ostiary/jwt`'s, sessions are begun and refreshed elsewhere.
 */
import { createSigner } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { ACCESS_TOKEN_TYPE } from "@ostiary/protocol";
import type { Clock } from "../clock.ts";
import type { Keyring } from "../keys/keyring.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import { authenticationClaims } from "../sessions/authentication.ts";
import type { Session } from "../sessions/session.ts";
import type { User } from "../users/user.ts";
import { isApiScope } from "./scope-names.ts";
import { customClaims } from "./custom-claims.ts";
import type { ClaimsHook } from "./custom-claims.ts";

export interface AccessTokens {
  /** Seconds an access token lives. */
  readonly lifetimeSeconds: number;
  /** Asks the claims hook, if there is one and the token may have them. Throws `unavailable` if it fails. */
  ownClaims(user: User, session: Session, firstParty?: boolean): Promise<OwnClaims>;
  /** Whether `own` may go into this user's token: always if there is nothing to ask. */
  isCurrent(own: OwnClaims | null, user: User, firstParty?: boolean): boolean;
  issue(user: User, session: Session, own: OwnClaims | null, limits?: TokenLimits): string;
  /** For a client in its own name (RFC 6749 §4.4): it is the subject, and the session too: its tokens end with it. */
  issueForClient(client: OwnToken, scopes: readonly string[], audience: readonly string[], proofKey: string | null): string;
}

/** What a client is in its own name. */
interface OwnToken {
  readonly id: string;
  readonly tokenVersion: number;
  readonly registration: { readonly roles: readonly string[] };
}

/** What a client of OAuth gets less of than the session has; whatever is left out, the session says. */
export interface TokenLimits {
  /** Of those that were granted. */
  readonly scopes?: readonly string[] | undefined;
  /** Who it is for, of those that it was granted for; empty: the configured audience. */
  readonly audience?: readonly string[] | undefined;
  /** Made up in advance, so that the token can be revoked by whoever has never seen it. */
  readonly jti?: string | undefined;
  /** Thumbprint of the key that it is bound to, where its session is bound to none. */
  readonly proofKey?: string | null | undefined;
  /** The user's roles and your own claims are not for applications of others. Default true. */
  readonly firstParty?: boolean | undefined;
}

/** What the claims hook said of a user in a session. */
export interface OwnClaims {
  /** Raised when what the hook says has changed: then it is to be asked again. */
  readonly tokenVersion: number;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Access tokens in the JWT profile (RFC 9068 §2). `audience` is who they are for besides the issuer itself. */
export function createAccessTokens(options: {
  keyring: Pick<Keyring, "accessKey">;
  issuer: string;
  audience: readonly string[];
  lifetimeSeconds: number;
  scopesOfRoles: Readonly<Record<string, readonly string[]>>;
  claims: ClaimsHook | undefined;
  clock: Clock;
  random: Random;
}): AccessTokens {
  const { issuer, lifetimeSeconds, clock, random } = options;
  // The server's own routes take the access tokens of its own sign-in too.
  const ownAudience = audienceOf([...options.audience, issuer]);
  const configuredAudience = audienceOf(options.audience);
  const scopesByRole = new Set(Object.values(options.scopesOfRoles).flat());
  const signerWith = (key: Key) => ({
    key,
    sign: createSigner({ key, type: ACCESS_TOKEN_TYPE, issuer, expiresInSeconds: lifetimeSeconds, clock }),
  });
  let signer: ReturnType<typeof signerWith> | undefined;

  function sign(claims: object): string {
    const key = options.keyring.accessKey;
    if (signer?.key !== key) signer = signerWith(key);
    return signer.sign(claims);
  }

  const newJti = (): string => randomText(random, 16);

  /** What a client was granted, less what only roles give that the user does not have any more. */
  function grantedScopes(granted: readonly string[], roles: readonly string[]): string[] {
    const byRole = scopeOf(roles, options.scopesOfRoles).split(" ");
    return granted.filter((scope) => !scopesByRole.has(scope) || byRole.includes(scope));
  }

  /** Whoever may ask for the user's claims may show us the token for them. */
  function audienceFor(resources: readonly string[], scopes: readonly string[]): string | string[] {
    const apis = resources.length > 0 ? resources : options.audience;
    return audienceOf([...apis, ...(scopes.includes("openid") ? [issuer] : [])]);
  }

  /**
   * An application of others gets into an API by a scope of its, or because the user has allowed this very API: to know who
   * they are is not to act for them. What is for userinfo alone no guard takes, not even one of the issuer's own name.
   */
  function audienceForOthers(
    resources: readonly string[],
    named: readonly string[],
    scopes: readonly string[],
  ): string | string[] {
    const userinfo = userinfoAudience(issuer);
    const mayUseApis = scopes.some(isApiScope);
    const allowed = mayUseApis ? resources : resources.filter((resource) => named.includes(resource));
    const apis = mayUseApis && allowed.length === 0 ? options.audience : allowed;
    return audienceOf([...apis, ...(scopes.includes("openid") || apis.length === 0 ? [userinfo] : [])]);
  }

  return {
    lifetimeSeconds,
    async ownClaims(user, session, firstParty = true) {
      const claims = options.claims === undefined || !firstParty ? {} : await customClaims(options.claims, user, session);
      return { tokenVersion: user.tokenVersion, claims };
    },
    isCurrent: (own, user, firstParty = true) =>
      options.claims === undefined || !firstParty || own?.tokenVersion === user.tokenVersion,
    issue(user, session, own, { jti, scopes, audience, proofKey = null, firstParty = true } = {}) {
      const isOurs = session.scope === null;
      const granted = isOurs ? [] : grantedScopes(scopes ?? words(session.scope), user.roles);
      const named = words(session.audience ?? "");
      const resources = audience ?? named;
      const grantedAudience = () => (firstParty ? audienceFor(resources, granted) : audienceForOthers(resources, named, granted));
      return sign({
        ...(firstParty ? own?.claims : {}),
        aud: isOurs ? ownAudience : grantedAudience(),
        sub: user.id,
        jti: jti ?? newJti(),
        client_id: session.clientId,
        sid: session.id,
        ver: user.tokenVersion,
        scope: isOurs ? scopeOf(user.roles, options.scopesOfRoles) : granted.join(" "),
        roles: firstParty ? [...user.roles] : [],
        ...authenticationClaims(session),
        ...boundTo(session.proofKey ?? proofKey),
      });
    },
    issueForClient: ({ id, tokenVersion, registration }, scopes, audience, proofKey) =>
      sign({
        aud: audience.length > 0 ? audienceOf(audience) : configuredAudience,
        sub: id,
        jti: newJti(),
        client_id: id,
        sid: id,
        ver: tokenVersion,
        scope: scopes.join(" "),
        roles: [...registration.roles],
        ...boundTo(proofKey),
      }),
  };
}

/** Who a token is for that serves to ask for the user's claims and for nothing else: userinfo, which is no API's audience. */
export function userinfoAudience(issuer: string): string {
  return `${issuer}/oauth/userinfo`;
}

/** Whoever shows the token proves to have this key (RFC 9449 §6.1). */
function boundTo(proofKey: string | null): { cnf?: { jkt: string } } {
  return proofKey === null ? {} : { cnf: { jkt: proofKey } };
}

function audienceOf(names: readonly string[]): string | string[] {
  const all = [...new Set(names)];
  return all.length === 1 ? (all[0] ?? "") : all;
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

function scopeOf(roles: readonly string[], scopesOfRoles: Readonly<Record<string, readonly string[]>>): string {
  const scopes = roles.flatMap((role) => (Object.hasOwn(scopesOfRoles, role) ? (scopesOfRoles[role] ?? []) : []));
  return [...new Set(scopes)].join(" ");
}
