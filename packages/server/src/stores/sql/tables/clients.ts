import type { Selectable } from "kysely";

export interface ClientsTable {
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

export type ClientRow = Selectable<ClientsTable>;

export interface InitialAccessTokensTable {
  id: string;
  hash: string;
  name: string;
  created_at: number;
  expires_at: number;
  uses_left: number;
}

export type InitialAccessTokenRow = Selectable<InitialAccessTokensTable>;
