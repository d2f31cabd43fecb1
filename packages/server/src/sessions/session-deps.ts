import type { Clock } from "../clock.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { MailDesk } from "../mail/mail-desk.ts";
import type { Random } from "../random.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { AccessTokens, OwnClaims, TokenLimits } from "../tokens/access-token.ts";
import type { User } from "../users/user.ts";
import type { RotationPolicy } from "./decide-rotation.ts";
import type { SessionBinding } from "./device-change.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import type { SessionStore } from "./session-store.ts";
import { sessionExpiresAt } from "./session.ts";
import type { Session } from "./session.ts";

/** Lifetimes in seconds. */
export interface SessionPolicy extends RotationPolicy {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly rememberSeconds: number;
  readonly binding: SessionBinding;
}

/** What the operations on sessions work with. */
export interface SessionDeps {
  readonly store: SessionStore;
  readonly keyring: Pick<Keyring, "refreshKeyId">;
  readonly refreshTokens: RefreshTokens;
  readonly accessTokens: AccessTokens;
  readonly revocations: RevocationPublisher;
  /** Where users are in the application's own table: looks there, and acts on what it says. */
  readonly keepUp?: ((userId: string) => Promise<unknown>) | undefined;
  /** Where what people are written is drafted; none where no mail is configured. */
  readonly desk?: MailDesk | undefined;
  readonly policy: SessionPolicy;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a login or a refresh hands out. */
export interface IssuedTokens {
  readonly session: Session;
  readonly user: User;
  readonly accessToken: string;
  readonly accessTokenSeconds: number;
  /** Thumbprint of the key that the access token is bound to; null for a bearer token. */
  readonly boundTo: string | null;
  readonly refreshToken: string;
  /** When the refresh token stops being good, in milliseconds since the epoch. */
  readonly refreshTokenExpiresAt: number;
}

export function issueTokens(
  deps: SessionDeps,
  session: Session,
  user: User,
  own: OwnClaims | null,
  limits?: TokenLimits,
): IssuedTokens {
  return {
    session,
    user,
    accessToken: deps.accessTokens.issue(user, session, own, limits),
    accessTokenSeconds: deps.accessTokens.lifetimeSeconds,
    boundTo: session.proofKey ?? limits?.proofKey ?? null,
    refreshToken: deps.refreshTokens.issue(session),
    refreshTokenExpiresAt: sessionExpiresAt(session),
  };
}
