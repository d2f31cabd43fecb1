import { hash } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import type { SqlEngine } from "../sql/sql-engine.ts";

/** Other numbers than the log's: these locks are the first that a transaction takes, that one the last. */
const ROLES = 7_018_314_160;
/** Of the locks that have two numbers, the second being the e-mail's. */
const EMAILS = 701_831_416;

/** Transactions that may take a role from its last holder come one after the other, and see what the one before did. */
export const holdRoles: SqlEngine["holdRoles"] = async (trx) => {
  await sql`select pg_advisory_xact_lock(${ROLES})`.execute(trx);
};

/** So do those that give one e-mail to somebody. Two e-mails with one number wait for each other, and nothing else. */
export const holdEmail: SqlEngine["holdEmail"] = async (trx, identity) => {
  const number = hash("sha256", identity, "buffer").readInt32BE();
  await sql`select pg_advisory_xact_lock(${EMAILS}, ${number})`.execute(trx);
};

const UNIQUE_VIOLATION = "23505";

/** Who signs up waits for no lock: the index decides. */
export const isEmailTaken: SqlEngine["isEmailTaken"] = (error) =>
  error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === "users_email_identity_key";
