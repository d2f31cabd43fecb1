/**
 * Tokens: what an access token says about a user in a session.
 * Owns its claims. Keys are the key ring's, signing is `@ostiary/jwt`'s, sessions are begun and refreshed elsewhere.
 */
import { createSigner } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { ACCESS_TOKEN_TYPE } from "@ostiary/protocol";
import type { Clock } from "../clock.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Random } from "../random.ts";
import type { Session } from "../sessions/session.ts";
import type { User } from "../users/user.ts";
import { customClaims } from "./custom-claims.ts";
import type { ClaimsHook } from "./custom-claims.ts";

export interface AccessTokens {
  /** Seconds an access token lives. */
  readonly lifetimeSeconds: number;
  /** Asks the claims hook, if there is one. Throws `unavailable` if it fails. */
  ownClaims(user: User, session: Session): Promise<OwnClaims>;
  /** Whether `own` may go into this user's token: always if there is no hook. */
  isCurrent(own: OwnClaims | null, user: User): boolean;
  issue(user: User, session: Session, own: OwnClaims | null): string;
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
  // The server's own routes take access tokens too, so they are always among the audience.
  const audience = [...new Set([...options.audience, issuer])];
  const signerWith = (key: Key) => ({
    key,
    sign: createSigner({
      key,
      type: ACCESS_TOKEN_TYPE,
      issuer,
      audience: audience.length === 1 ? issuer : audience,
      expiresInSeconds: lifetimeSeconds,
      clock,
    }),
  });
  let signer: ReturnType<typeof signerWith> | undefined;

  return {
    lifetimeSeconds,
    async ownClaims(user, session) {
      const claims = options.claims === undefined ? {} : await customClaims(options.claims, user, session);
      return { tokenVersion: user.tokenVersion, claims };
    },
    isCurrent: (own, user) => options.claims === undefined || own?.tokenVersion === user.tokenVersion,
    issue(user, session, own) {
      const key = options.keyring.accessKey;
      if (signer?.key !== key) signer = signerWith(key);
      return signer.sign({
        ...own?.claims,
        sub: user.id,
        jti: Buffer.from(random.bytes(16)).toString("base64url"),
        client_id: session.clientId,
        sid: session.id,
        ver: user.tokenVersion,
        scope: session.scope ?? scopeOf(user.roles, options.scopesOfRoles),
        roles: [...user.roles],
      });
    },
  };
}

function scopeOf(roles: readonly string[], scopesOfRoles: Readonly<Record<string, readonly string[]>>): string {
  const scopes = roles.flatMap((role) => (Object.hasOwn(scopesOfRoles, role) ? (scopesOfRoles[role] ?? []) : []));
  return [...new Set(scopes)].join(" ");
}
