import type { Generated, Selectable } from "kysely";

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

interface UsersTable {
  id: string;
  email: string;
  email_identity: string;
  email_verified: number;
  name: string | null;
  roles: string;
  password_hash: string;
  token_version: number;
  disabled_at: number | null;
  created_at: number;
}

/** What users are found by, several for each. */
interface UserTermsTable {
  term: string;
  user_id: string;
}

interface SessionsTable {
  id: string;
  user_id: string;
  client_id: string;
  generation: number;
  secret: Uint8Array;
  refresh_key_id: string;
  retired: string;
  rotation_key_hash: string | null;
  late_generation: number | null;
  device_hash: string | null;
  created_at: number;
  rotated_at: number;
  expires_at: number;
  idle_seconds: number;
  /** When the row is over if nothing more happens to it, or up to an hour later: for listing and sweeping by index. */
  ends_at: number;
  remember: number;
  auth_time: number;
  method: string;
  device_label: string;
  ip: string | null;
  user_agent: string | null;
  scope: string | null;
  audience: string | null;
  proof_key: string | null;
  revoked_at: number | null;
  revoked_reason: string | null;
}

interface ClientsTable {
  id: string;
  name: string;
  guard: number;
  /** Empty for a client that has none. */
  secret_hash: Uint8Array;
  created_at: number;
  token_version: number;
  registration: string | null;
  /** What is known of a client that came by itself; null for the operator's. */
  self_registered: string | null;
  /** When it first got a token; of clients that came by themselves alone. */
  used_at: number | null;
}

interface KeysTable {
  id: string;
  purpose: string;
  algorithm: string;
  state: string;
  sealed: Uint8Array;
  created_at: number;
  origin: string;
  token_seconds: number;
  activates_at: number | null;
  activated_at: number | null;
  retired_at: number | null;
  gone_at: number | null;
  compromised: number;
}

/** One row. */
interface KeyRingTable {
  id: number;
  revision: number;
  secret_id: string | null;
  /** What other secrets in the database are sealed under, sealed itself; null until there is one. */
  data_key: Uint8Array | null;
}

interface RevocationsTable {
  seq: Generated<number>;
  kind: string;
  value: string;
  version: number | null;
  effect: string;
  expires_at_seconds: number;
  reason: string;
}

interface TokenLifetimesTable {
  id: number;
  lifetime_seconds: number;
  /** Until when tokens of an earlier, longer lifetime may be about. */
  earlier_until_seconds: number;
}

interface AuditTable {
  id: Generated<number>;
  at: number;
  type: string;
  user_id: string | null;
  session_id: string | null;
  ip: string | null;
  user_agent: string | null;
  detail: string;
}

interface LimitsTable {
  key: string;
  points: number;
  expire: number | null;
}

interface AuthorizationCodesTable {
  hash: string;
  user_id: string;
  client_id: string;
  sign_on_id: string;
  session_id: string;
  jti: string;
  redirect_uri: string;
  code_challenge: string;
  scope: string;
  resources: string;
  nonce: string | null;
  proof_key: string | null;
  created_at: number;
  expires_at: number;
  redeemed_at: number | null;
  replayed_at: number | null;
}

/** One row a scope. */
interface ConsentsTable {
  user_id: string;
  client_id: string;
  scope: string;
  at: number;
}

interface SignOnsTable {
  sign_on_id: string;
  /** The session that it hangs on now: another than its name says where the user has signed in anew. */
  session_id: string;
  client_id: string;
  user_id: string;
  expires_at: number;
  ended_at: number | null;
  /** When its client is to be told, or told again; null before the end, and when that is settled. */
  due_at: number | null;
  tries: number;
}

interface GrantsTable {
  session_id: string;
  sign_on_id: string;
  client_id: string;
  expires_at: number;
}

interface UsedOnceTable {
  value: string;
  expires_at: number;
}

interface PushedRequestsTable {
  hash: string;
  client_id: string;
  parameters: string;
  expires_at: number;
  opened_at: number | null;
  used_at: number | null;
}

interface DeviceRequestsTable {
  hash: string;
  user_code: string;
  client_id: string;
  scope: string;
  resources: string;
  ip: string | null;
  user_agent: string | null;
  created_at: number;
  expires_at: number;
  interval_seconds: number;
  polled_at: number | null;
  decision: string | null;
}

/** Whom another issuer knows a user as. */
interface IdentitiesTable {
  issuer: string;
  subject: string;
  user_id: string;
  label: string | null;
  linked_at: number;
}

/** Sign-ins that are under way at another issuer, and what came back and waits for a password. */
interface SignInTransactionsTable {
  hash: string;
  browser_hash: string;
  provider: string;
  purpose: string;
  detail: string;
  expires_at: number;
}

/** Of a user or of a service account: one of the two is null. */
interface ApiKeysTable {
  id: string;
  user_id: string | null;
  client_id: string | null;
  name: string;
  scope: string;
  with_roles: number;
  secret_id: string;
  secret_hash: Uint8Array;
  /** The secret before the last rotation, where it is still good for a while. */
  previous_id: string | null;
  previous_hash: Uint8Array | null;
  previous_until: number | null;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
  /** When it is over, or was: for sweeping by index. Null if it lasts until somebody ends it. */
  ends_at: number | null;
}

interface InitialAccessTokensTable {
  id: string;
  hash: string;
  name: string;
  created_at: number;
  expires_at: number;
  uses_left: number;
}

/** What is to be sent. Who is done with takes the row out. */
interface MailsTable {
  id: string;
  kind: string;
  user_id: string | null;
  to_address: string;
  language: string | null;
  detail: string;
  created_at: number;
  expires_at: number;
  due_at: number;
  tries: number;
}

interface MailLinksTable {
  hash: string;
  user_id: string | null;
  purpose: string;
  slot: string;
  address: string;
  bound_to: string | null;
  payload: string | null;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

interface TotpSecretsTable {
  user_id: string;
  sealed: Uint8Array;
  last_step: number;
  created_at: number;
}

interface RecoveryCodesTable {
  user_id: string;
  hash: string;
}

interface PasskeysTable {
  /** The credential's id. */
  id: string;
  user_id: string;
  public_key: Uint8Array;
  counter: number;
  transports: string;
  device_type: string;
  backed_up: number;
  user_verified: number;
  name: string;
  created_at: number;
  last_used_at: number | null;
}

/** Sign-ins that wait for a second step, and what else is under way with second factors. */
interface PendingSignInsTable {
  hash: string;
  kind: string;
  user_id: string | null;
  browser_hash: string | null;
  detail: string;
  challenge: string | null;
  tries: number;
  expires_at: number;
}

export type UserRow = Selectable<UsersTable>;
export type KeyRow = Selectable<KeysTable>;
export type SessionRow = Selectable<SessionsTable>;
export type ApiKeyRow = Selectable<ApiKeysTable>;
export type ClientRow = Selectable<ClientsTable>;
export type AuthorizationCodeRow = Selectable<AuthorizationCodesTable>;
export type DeviceRequestRow = Selectable<DeviceRequestsTable>;
export type InitialAccessTokenRow = Selectable<InitialAccessTokensTable>;
export type RevocationRow = Selectable<RevocationsTable>;
export type AuditRow = Selectable<AuditTable>;
export type MailRow = Selectable<MailsTable>;
export type MailLinkRow = Selectable<MailLinksTable>;
