import type { Settings } from "../config-schema.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import { createRefreshTokens } from "../sessions/refresh-token.ts";
import type { SessionDeps } from "../sessions/session-deps.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { createAccessTokens } from "../tokens/access-token.ts";
import type { UserDeps } from "../users/authenticate.ts";

/** Sessions, and the tokens they hand out. */
export function sessionDepsOf(
  store: SessionStore,
  { settings, keyring, users, revocations }: {
    settings: Settings;
    keyring: Keyring;
    users: Pick<UserDeps, "store" | "desk">;
    revocations: RevocationPublisher;
  },
): SessionDeps {
  const { issuer, clock, random } = settings;
  return {
    desk: users.desk,
    store,
    keyring,
    refreshTokens: createRefreshTokens(keyring, issuer),
    accessTokens: createAccessTokens({
      keyring,
      issuer,
      audience: settings.audience,
      lifetimeSeconds: settings.accessTokenTtl,
      scopesOfRoles: settings.scopes,
      claims: settings.claims,
      clock,
      random,
    }),
    revocations,
    keepUp: settings.users === undefined ? undefined : (userId) => users.store.find(userId),
    policy: {
      graceSeconds: settings.rotationGrace,
      idleSeconds: settings.refreshTokenTtl,
      absoluteSeconds: settings.sessionTtl,
      rememberSeconds: settings.rememberTtl,
      binding: settings.sessions.bind,
    },
    clock,
    random,
  };
}
