export interface TotpSecretsTable {
  user_id: string;
  sealed: Uint8Array;
  last_step: number;
  created_at: number;
}

export interface RecoveryCodesTable {
  user_id: string;
  hash: string;
}

export interface PasskeysTable {
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
export interface PendingSignInsTable {
  hash: string;
  kind: string;
  user_id: string | null;
  browser_hash: string | null;
  detail: string;
  challenge: string | null;
  tries: number;
  expires_at: number;
}
