/**
 * The databases that experiments run on. Owns starting them, and taking them away and giving them back.
 * A database that is to be tried as well needs an entry in `faultStores`; the experiments ask nothing else of it.
 */
import { hasRedis } from "../../../packages/server/test/redis-server.ts";
import { startPostgresFaultStore } from "./postgres.ts";
import { startRedisFaultStore } from "./redis.ts";
import { sqliteFaultStore } from "./sqlite.ts";

export interface FaultStore {
  /** An empty database, for one experiment. */
  newDatabase(): Promise<FaultDatabase>;
  /** An empty database that something else can take over from; missing where there is no such thing. */
  newReplicated?(): Promise<ReplicatedDatabase>;
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

/** A database with a copy that follows it, somewhat behind. */
export interface ReplicatedDatabase extends FaultDatabase {
  /** From now on the copy hears nothing of what is written. */
  cutOffCopy(): Promise<void>;
  /** Ends the original with kill -9, for ever. Resolves once the copy has taken its place and takes requests. */
  failOver(): Promise<void>;
  /** Makes a copy of what is the original now. */
  renewCopy(): Promise<void>;
  close(): Promise<void>;
}

const databases = {
  sqlite: async () => sqliteFaultStore,
  postgres: startPostgresFaultStore,
  "sqlite+redis": () => startRedisFaultStore(async () => sqliteFaultStore),
  "postgres+redis": () => startRedisFaultStore(startPostgresFaultStore),
} satisfies Record<string, () => Promise<FaultStore>>;

export type StoreName = keyof typeof databases;

/** Where there is no Redis to try, there is none among them. */
export const faultStores: Readonly<Partial<Record<StoreName, () => Promise<FaultStore>>>> = Object.fromEntries(
  Object.entries(databases).filter(([name]) => !name.includes("redis") || hasRedis()),
);
