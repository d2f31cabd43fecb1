import type { ApiKeysTable } from "./tables/api-keys.ts";
import type { AuditTable } from "./tables/audit.ts";
import type { ClientsTable, InitialAccessTokensTable } from "./tables/clients.ts";
import type { IdentitiesTable, SignInTransactionsTable } from "./tables/federation.ts";
import type { KeyRingTable, KeysTable } from "./tables/keys.ts";
import type { LimitsTable } from "./tables/limits.ts";
import type { MailLinksTable, MailsTable } from "./tables/mail.ts";
import type {
  AuthorizationCodesTable,
  ConsentsTable,
  DeviceRequestsTable,
  GrantsTable,
  PushedRequestsTable,
  SignOnsTable,
  UsedOnceTable,
} from "./tables/oauth.ts";
import type { RevocationsTable, TokenLifetimesTable } from "./tables/revocations.ts";
import type { PasskeysTable, PendingSignInsTable, RecoveryCodesTable, TotpSecretsTable } from "./tables/second-factors.ts";
import type { SessionsTable } from "./tables/sessions.ts";
import type { UserTermsTable, UsersTable } from "./tables/users.ts";

/** The tables. Times are integers (milliseconds, or seconds where a name says so), flags 0 or 1, JSON is text. */
export interface Database {
  users: UsersTable;
  user_terms: UserTermsTable;
  sessions: SessionsTable;
  clients: ClientsTable;
  keys: KeysTable;
  key_ring: KeyRingTable;
  revocations: RevocationsTable;
  token_lifetimes: TokenLifetimesTable;
  audit: AuditTable;
  limits: LimitsTable;
  authorization_codes: AuthorizationCodesTable;
  consents: ConsentsTable;
  sign_ons: SignOnsTable;
  grants: GrantsTable;
  used_once: UsedOnceTable;
  pushed_requests: PushedRequestsTable;
  device_requests: DeviceRequestsTable;
  identities: IdentitiesTable;
  sign_in_transactions: SignInTransactionsTable;
  api_keys: ApiKeysTable;
  initial_access_tokens: InitialAccessTokensTable;
  mails: MailsTable;
  mail_links: MailLinksTable;
  totp_secrets: TotpSecretsTable;
  recovery_codes: RecoveryCodesTable;
  passkeys: PasskeysTable;
  pending_sign_ins: PendingSignInsTable;
}
