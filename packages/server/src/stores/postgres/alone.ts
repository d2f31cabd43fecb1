import { sql } from "kysely";
import type { SqlEngine } from "../sql/sql-engine.ts";
import { REVOCATIONS_CHANNEL } from "./watch-log.ts";

/** An advisory lock: any number that nobody else in the database uses. */
const LOCK = 7_018_314_159;

/**
 * A sequence counts when it is asked, not when the transaction commits: whoever appends waits until who came before has
 * committed. Who follows the log is woken by the same commit.
 */
export const alone: SqlEngine["alone"] = async (trx) => {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
  await sql`select pg_notify(${REVOCATIONS_CHANNEL}, '')`.execute(trx);
};
