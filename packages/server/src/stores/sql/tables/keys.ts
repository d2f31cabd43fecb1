import type { Selectable } from "kysely";

export interface KeysTable {
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

export type KeyRow = Selectable<KeysTable>;

/** One row. */
export interface KeyRingTable {
  id: number;
  revision: number;
  secret_id: string | null;
  /** What other secrets in the database are sealed under, sealed itself; null until there is one. */
  data_key: Uint8Array | null;
}
