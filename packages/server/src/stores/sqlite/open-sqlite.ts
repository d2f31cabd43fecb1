import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { Kysely, sql } from "kysely";
import { messageOf, StartError } from "../../errors.ts";
import { migrate, NEWER_SCHEMA_MEND, NewerSchemaError } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import type { ColumnTypes } from "../sql/sql-engine.ts";
import { createSqlStore } from "../sql/sql-store.ts";
import type { SqlStore } from "../sql/sql-store.ts";
import { confirmInGroups, readInGroups } from "./ledger-in-groups.ts";
import { isBusy, nodeSqliteDialect } from "./node-sqlite-dialect.ts";
import { rotateInGroups } from "./rotate-in-groups.ts";

/** How long a start waits for other processes that are starting on the same file, in milliseconds. */
const START_WAIT_MS = 5000;
const START_RETRY_MS = 20;

/** FULL: what was acknowledged survives power loss, too. */
export const DURABILITY = "PRAGMA synchronous = FULL";

export const COLUMNS: ColumnTypes = { bytes: "blob", numbering: "autoincrement" };
const LOOK_EVERY_MS = 100;
/** 16 MB: what is written again and again, such as the ends of indexes, is copied from there a quarter as often. */
const CHECKPOINT_PAGES = 4000;

/**
 * Opens the SQLite file at `path`, creating it if need be, and brings its schema up to date.
 * Throws a StartError that names the file if it cannot be used.
 */
export async function openSqlite(path: string): Promise<SqlStore> {
  const database = openFile(path);
  const db = new Kysely<Database>({ dialect: nodeSqliteDialect(database) });
  try {
    await whileBusy(() => prepare(database, db));
  } catch (error) {
    database.close();
    throw unusable(path, error);
  }
  const dataVersion = database.prepare("PRAGMA data_version");
  return createSqlStore(db, {
    columns: COLUMNS,
    // One writer at a time: every transaction is alone by itself.
    locksRows: false,
    alone: async () => {},
    holdRoles: async () => {},
    holdEmail: async () => {},
    isEmailTaken: () => false,
    isAmong: (column, keys) => sql`${sql.ref(column)} in ${keys}`,
    rotate: (all, appendRevocation) => rotateInGroups(all, database, appendRevocation),
    readSession: (all) => readInGroups(all, database),
    confirmAll: (all) => confirmInGroups(all, database),
    watch: {
      everyMs: LOOK_EVERY_MS,
      // Changes when another connection has written: the cheapest way SQLite has to notice the CLI at work.
      changeMark: async () => Number(dataVersion.get()?.["data_version"] ?? 0),
      subscribe: () => () => {},
    },
    // Not by kysely's destroy(): whatever comes after is to fail as with any store that does not answer.
    close: async () => {
      // Reads that were asked for before are answered at the end of this turn.
      await turn();
      if (database.isOpen) database.close();
    },
  });
}

function openFile(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path);
    // Only their owner reads password hashes, even where the folder was made by someone else.
    if (path !== ":memory:") chmodSync(path, 0o600);
    return database;
  } catch (error) {
    throw unusable(path, error);
  }
}

async function prepare(database: DatabaseSync, db: Kysely<Database>): Promise<void> {
  // A busy timeout would block the event loop: transactions wait between attempts instead.
  database.exec(`
    PRAGMA busy_timeout = 0;
    PRAGMA journal_mode = WAL;
    ${DURABILITY};
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA foreign_keys = ON;
  `);
  await migrate(db, COLUMNS);
}

async function whileBusy(work: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + START_WAIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await sleep(START_RETRY_MS);
  }
}

export function unusable(path: string, error: unknown): StartError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = messageOf(cause);
  const corrupt = /not a database|malformed|corrupt/.test(why);
  const mend =
    error instanceof NewerSchemaError ? NEWER_SCHEMA_MEND : corrupt ? "restore it from a backup, or move it away to start anew" : "check the path and its permissions";
  return new StartError(`The database ${path} cannot be opened (${why}): ${mend}.`, { cause: error });
}
