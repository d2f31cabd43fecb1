import { createSigner } from "@ostiary/jwt";
import type { Clock } from "../clock.ts";
import type { Keyring } from "../keys/keyring.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";

/** `typ` of logout tokens: nothing that takes another kind of token takes one (OIDC Back-Channel Logout 1.0 §2.4). */
const LOGOUT_TOKEN_TYPE = "logout+jwt";
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** It is on its way for seconds, and each try has its own. */
const LIFETIME_SECONDS = 120;

export interface LogoutTokens {
  /** Tells the client that the user's session is over. No two are alike, not even about the same. */
  issue(about: { clientId: string; userId: string; signOnId: string }): string;
}

/** Logout tokens (OIDC Back-Channel Logout 1.0 §2.4), signed as ID tokens are. */
export function createLogoutTokens({ keyring, issuer, clock, random }: {
  keyring: Pick<Keyring, "accessKey">;
  issuer: string;
  clock: Clock;
  random: Random;
}): LogoutTokens {
  return {
    issue({ clientId, userId, signOnId }) {
      const key = keyring.accessKey;
      const sign = createSigner({ key, type: LOGOUT_TOKEN_TYPE, issuer, expiresInSeconds: LIFETIME_SECONDS, clock });
      const jti = randomText(random, 16);
      return sign({ aud: clientId, sub: userId, sid: signOnId, jti, events: { [LOGOUT_EVENT]: {} } });
    },
  };
}
