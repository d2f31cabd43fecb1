/**
 * The databases that experiments run on. Owns starting them, and taking them away and giving them back.
 * A database that is to be tried as well needs an entry in `faultStores`; the experiments ask nothing else of it.
 */
import { startPostgresFaultStore } from "./postgres.ts";
import { sqliteFaultStore } from "./sqlite.ts";

export interface FaultStore {
  /** An empty database, for one experiment. */
  newDatabase(): Promise<FaultDatabase>;
  close(): Promise<void>;
}

export interface FaultDatabase {
  /** What the servers are told beside their ports: where the database is, and what else it needs. */
  readonly env: Readonly<Record<string, string>>;
  /** The ways in which it can be gone, by name. */
  readonly outages: Readonly<Record<string, Outage>>;
}

export interface Outage {
  begin(): Promise<void>;
  /** Resolves when the database takes requests again. */
  end(): Promise<void>;
}

export const faultStores = {
  sqlite: async () => sqliteFaultStore,
  postgres: startPostgresFaultStore,
} satisfies Record<string, () => Promise<FaultStore>>;

export type StoreName = keyof typeof faultStores;
