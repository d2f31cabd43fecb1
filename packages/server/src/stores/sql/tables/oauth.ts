import type { Selectable } from "kysely";

export interface AuthorizationCodesTable {
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

export type AuthorizationCodeRow = Selectable<AuthorizationCodesTable>;

/** One row a scope. */
export interface ConsentsTable {
  user_id: string;
  client_id: string;
  scope: string;
  at: number;
}

export interface SignOnsTable {
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

export interface GrantsTable {
  session_id: string;
  sign_on_id: string;
  client_id: string;
  expires_at: number;
}

export interface UsedOnceTable {
  value: string;
  expires_at: number;
}

export interface PushedRequestsTable {
  hash: string;
  client_id: string;
  parameters: string;
  expires_at: number;
  opened_at: number | null;
  used_at: number | null;
}

export interface DeviceRequestsTable {
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

export type DeviceRequestRow = Selectable<DeviceRequestsTable>;
