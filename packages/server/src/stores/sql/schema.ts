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
  registration: string | null;
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

export type UserRow = Selectable<UsersTable>;
export type KeyRow = Selectable<KeysTable>;
export type SessionRow = Selectable<SessionsTable>;
export type ClientRow = Selectable<ClientsTable>;
export type AuthorizationCodeRow = Selectable<AuthorizationCodesTable>;
export type RevocationRow = Selectable<RevocationsTable>;
export type AuditRow = Selectable<AuditTable>;
