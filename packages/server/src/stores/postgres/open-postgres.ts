import { Kysely, PostgresDialect, sql } from "kysely";
import { OstiaryError, StartError } from "../../errors.ts";
import { rotatingInTime } from "../rotating-in-time.ts";
import { migrate, NEWER_SCHEMA_MEND, NewerSchemaError } from "../sql/migrate.ts";
import { rotateInTransaction } from "./rotate-in-transaction.ts";
import type { Database } from "../sql/schema.ts";
import type { ColumnTypes } from "../sql/sql-engine.ts";
import { createSqlStore } from "../sql/sql-store.ts";
import type { SqlStore } from "../sql/sql-store.ts";
import { alone } from "./alone.ts";
import { holdEmail, holdRoles, isEmailTaken } from "./hold.ts";
import { confirmInStatement, readInGroups } from "./ledger-statements.ts";
import { createPool } from "./pool.ts";
import { rotateBySwap } from "./rotate-by-swap.ts";
import { watchLog } from "./watch-log.ts";

export const COLUMNS: ColumnTypes = { bytes: "bytea", numbering: "identity" };
const POOL_SIZE = 8;
/** Rotations need few, and have their own: whatever else waits, for a standby above all, is not in their way. */
const ROTATIONS_POOL_SIZE = 4;
/** Below a second: a caller is not kept waiting for a database that does not answer. */
const OPERATION_MS = 800;
/** At start, another replica may be migrating. */
const START_CONNECT_MS = 5000;
const START_OPERATION_MS = 60_000;

/** Opens the database at a `postgres://` URL and brings its schema up to date. Throws a StartError if it cannot. */
export async function openPostgres(url: string): Promise<SqlStore> {
  await migrateAt(url);
  const pool = createPool({ url, size: POOL_SIZE, operationMs: OPERATION_MS });
  const rotations = createPool({ url, size: ROTATIONS_POOL_SIZE, operationMs: OPERATION_MS });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return createSqlStore(db, {
    columns: COLUMNS,
    locksRows: true,
    alone,
    holdRoles,
    holdEmail,
    isEmailTaken,
    // With `in (select …)` it may prefer to read the whole table for a join.
    isAmong: (column, keys) => sql`${sql.ref(column)} = any(array(${keys}))`,
    rotate: (all, appendRevocation) =>
      rotatingInTime(OPERATION_MS, "Postgres", rotateBySwap(rotations, rotateInTransaction(all, appendRevocation))),
    readSession: () => readInGroups(rotations),
    confirmAll: () => confirmInStatement(rotations),
    watch: watchLog(rotations, url),
    close: async () => void (await Promise.all([pool.end(), rotations.end()])),
  });
}

async function migrateAt(url: string): Promise<void> {
  const pool = createPool({ url, size: 2, operationMs: START_OPERATION_MS, connectMs: START_CONNECT_MS });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db, COLUMNS);
  } catch (error) {
    throw unusable(url, error);
  } finally {
    await db.destroy();
  }
}

export function unusable(url: string, error: unknown): StartError {
  const cause = error instanceof OstiaryError ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const mend = error instanceof NewerSchemaError ? NEWER_SCHEMA_MEND : "check OSTIARY_DATABASE_URL";
  const place = URL.parse(url);
  const where = place === null ? "OSTIARY_DATABASE_URL" : `${place.host}${place.pathname}`;
  return new StartError(`The Postgres database at ${where} cannot be used (${why}): ${mend}.`, {
    cause: error,
  });
}
