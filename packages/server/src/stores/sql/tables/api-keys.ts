import type { Selectable } from "kysely";

/** Of a user or of a service account: one of the two is null. */
export interface ApiKeysTable {
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

export type ApiKeyRow = Selectable<ApiKeysTable>;
