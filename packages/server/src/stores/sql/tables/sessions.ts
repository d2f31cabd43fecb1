import type { Selectable } from "kysely";

export interface SessionsTable {
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

export type SessionRow = Selectable<SessionsTable>;
