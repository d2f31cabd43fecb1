import { sql } from "kysely";
import type { SqlEngine } from "../sql/sql-engine.ts";

/** Another number than the log's: this lock is the first that a transaction takes, that one the last. */
const LOCK = 7_018_314_160;

/** Transactions that may take a role from its last holder come one after the other, and see what the one before did. */
export const holdRoles: SqlEngine["holdRoles"] = async (trx) => {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
};
