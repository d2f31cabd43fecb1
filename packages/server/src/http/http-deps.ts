/**
 * HTTP: the surface of the auth server, below its issuer URL.
 * Owns paths, bodies, cookies, origins and error answers. What happens is the domains' affair.
 */
import type { Guard } from "@ostiary/guard";
import type { OpenApiKeys } from "../api-keys/open-api-keys.ts";
import type { ClientAuthenticationDeps } from "../clients/authenticate-client.ts";
import type { SelfRegistration } from "../clients/self-registered/create-self-registration.ts";
import type { Settings } from "../config-schema.ts";
import type { Federation } from "../federation/federation.ts";
import type { Metrics } from "../monitoring/metrics.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Mail } from "../mail/open-mail.ts";
import type { Assets } from "../pages/assets.ts";
import type { OAuthDeps } from "../oauth/oauth.ts";
import type { RevocationFeed } from "../revocation/feed.ts";
import type { RevocationStore } from "../revocation/revocation-store.ts";
import type { Revocations } from "../revocation/revocations.ts";
import type { SecondFactorDeps } from "../second-factors/second-factors.ts";
import type { SessionDeps } from "../sessions/session-deps.ts";
import type { LoginDeps } from "../users/authenticate.ts";
import type { AdminDeps } from "./admin-deps.ts";
import type { BrowserTokens } from "./browser-tokens.ts";
import type { Proofs } from "./proofs.ts";
import type { Cookies } from "./cookies.ts";

/** What routes work with. */
export interface HttpDeps {
  readonly settings: Settings;
  readonly users: LoginDeps;
  readonly sessions: SessionDeps;
  readonly clients: ClientAuthenticationDeps;
  readonly selfRegistration: SelfRegistration;
  readonly oauth: OAuthDeps;
  readonly federation: Federation;
  readonly factors: SecondFactorDeps;
  readonly apiKeys: Pick<OpenApiKeys, "resolve">;
  /** Null where no mail is configured. */
  readonly mail: Pick<Mail, "desk" | "links"> | null;
  readonly log: Pick<RevocationStore, "append">;
  readonly revocations: Revocations;
  readonly feed: RevocationFeed;
  readonly admin: AdminDeps;
  readonly keyring: Pick<Keyring, "jwks" | "jwksMaxAgeSeconds" | "refreshKeys">;
  readonly guard: Guard;
  /** Knows the tokens besides that applications of others have for the user's claims alone. */
  readonly userinfoGuard: Guard;
  /** Knows access tokens for every audience there is: for questions about tokens, never to let anybody in. */
  readonly tokenGuard: Guard;
  readonly cookies: Cookies;
  readonly browserTokens: BrowserTokens;
  readonly proofs: Proofs;
  /** The files of the hosted pages. */
  readonly assets: Assets;
  /** Null if nobody is to ask for them. */
  readonly metrics: Metrics | null;
  /** Resolves if the store answers. */
  readonly check: () => Promise<void>;
}
