/**
 * Stores: where the domains' rows live. Implements the store interfaces that sit beside the domains.
 * `sql/` has the queries and migrations, `sqlite/` and `postgres/` what only they know; `redis/` can take the rotations
 * of sessions from either.
 */
import type { ApiKeyStore } from "../api-keys/api-key-store.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { ClientStore } from "../clients/client-store.ts";
import type { FederationStore } from "../federation/federation-store.ts";
import type { SelfRegisteredStore } from "../clients/self-registered/self-registered-store.ts";
import type { KeyStore } from "../keys/key-store.ts";
import type { LimitStore } from "../limits/limit-store.ts";
import type { MailStore } from "../mail/mail-store.ts";
import type { OAuthStore } from "../oauth/oauth-store.ts";
import type { RevocationStore } from "../revocation/revocation-store.ts";
import type { SecondFactorStore } from "../second-factors/second-factor-store.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { UserStore } from "../users/user-store.ts";

export interface Store {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly clients: ClientStore;
  readonly selfRegistered: SelfRegisteredStore;
  readonly keys: KeyStore;
  readonly revocations: RevocationStore;
  readonly audit: AuditStore;
  readonly limits: LimitStore;
  readonly oauth: OAuthStore;
  readonly federation: FederationStore;
  readonly apiKeys: ApiKeyStore;
  readonly mail: MailStore;
  readonly secondFactors: SecondFactorStore;
  /** Resolves if the store answers and its schema is the one this version needs. */
  check(): Promise<void>;
  close(): Promise<void>;
}
