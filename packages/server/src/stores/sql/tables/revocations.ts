import type { Generated, Selectable } from "kysely";

export interface RevocationsTable {
  seq: Generated<number>;
  kind: string;
  value: string;
  version: number | null;
  effect: string;
  expires_at_seconds: number;
  reason: string;
}

export type RevocationRow = Selectable<RevocationsTable>;

export interface TokenLifetimesTable {
  id: number;
  lifetime_seconds: number;
  /** Until when tokens of an earlier, longer lifetime may be about. */
  earlier_until_seconds: number;
}
