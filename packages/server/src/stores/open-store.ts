import { dirname } from "node:path";
import { ensureDataDir } from "../data-dir.ts";
import type { Store } from "./store.ts";

/**
 * Opens the database at `url`, `sqlite:<path>` or `postgres://…`, making and migrating it if need be.
 * Throws a StartError if it cannot be used. Only the engine that is asked for is loaded.
 */
export async function openStore(url: string): Promise<Store> {
  if (!url.startsWith("sqlite:")) return (await import("./postgres/open-postgres.ts")).openPostgres(url);
  const path = url.slice("sqlite:".length);
  if (path !== ":memory:") ensureDataDir(dirname(path));
  return (await import("./sqlite/open-sqlite.ts")).openSqlite(path);
}
