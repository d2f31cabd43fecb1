import { dirname } from "node:path";
import { ensureDataDir } from "../data-dir.ts";
import type { SqlStore } from "./sql/sql-store.ts";
import type { Store } from "./store.ts";

/** Where a store is. */
export interface StorePlace {
  /** `sqlite:<path>` or `postgres://…`. */
  readonly databaseUrl: string;
  /** `redis://…`, for the rotations of sessions. Default: they are in the database too. */
  readonly redisUrl?: string | undefined;
}

/**
 * Opens the store, making and migrating its database if need be.
 * Throws a StartError if it cannot be used. Only the engines that are asked for are loaded.
 */
export async function openStore({ databaseUrl, redisUrl }: StorePlace): Promise<Store> {
  const store = await openDatabase(databaseUrl);
  if (redisUrl === undefined) return store;
  try {
    return await (await import("./redis/open-redis.ts")).openRedis(redisUrl, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openDatabase(url: string): Promise<SqlStore> {
  if (!url.startsWith("sqlite:")) return (await import("./postgres/open-postgres.ts")).openPostgres(url);
  const path = url.slice("sqlite:".length);
  if (path !== ":memory:") ensureDataDir(dirname(path));
  return (await import("./sqlite/open-sqlite.ts")).openSqlite(path);
}
