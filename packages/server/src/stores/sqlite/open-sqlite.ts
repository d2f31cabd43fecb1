import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { StartError } from "../../errors.ts";
import { migrate } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import { createSqlStore } from "../sql/sql-store.ts";
import type { Store } from "../store.ts";
import { nodeSqliteDialect } from "./node-sqlite-dialect.ts";

/**
 * Opens the SQLite file at `path`, creating it if need be, and brings its schema up to date.
 * Throws a StartError that names the file if it cannot be used.
 */
export async function openSqlite(path: string): Promise<Store> {
  const database = openFile(path);
  const db = new Kysely<Database>({ dialect: nodeSqliteDialect(database) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw unusable(path, error);
  }
  const dataVersion = database.prepare("PRAGMA data_version");
  return createSqlStore(db, {
    // Changes when another connection has written: the cheapest way SQLite has to notice the CLI at work.
    changeMark: async () => Number(dataVersion.get()?.["data_version"] ?? 0),
  });
}

function openFile(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path);
    // Only their owner reads password hashes, even where the folder was made by someone else.
    if (path !== ":memory:") chmodSync(path, 0o600);
    // FULL: what was acknowledged survives power loss, too.
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA busy_timeout = 50;
    `);
    return database;
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): StartError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message : String(cause);
  const corrupt = /not a database|malformed|corrupt/.test(why);
  const mend = corrupt ? "restore it from a backup, or move it away to start anew" : "check the path and its permissions";
  return new StartError(`The database ${path} cannot be opened (${why}): ${mend}.`, { cause: error });
}
