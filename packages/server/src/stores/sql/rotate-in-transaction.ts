import type { Kysely } from "kysely";
import type { SessionStore } from "../../sessions/session-store.ts";
import { appendAudit } from "./append.ts";
import type { AppendRevocation } from "./append.ts";
import type { Database } from "./schema.ts";
import type { SqlEngine } from "./sql-engine.ts";
import { rotatedColumns, toSession } from "./session-row.ts";
import { findUser } from "./user-row.ts";

/** A rotation as one transaction that holds the row from reading to writing: right on any engine, fast on none. */
export function rotateInTransaction(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  { locksRows }: Pick<SqlEngine, "locksRows">,
): SessionStore["rotate"] {
  return async (id, decide) =>
    db.transaction().execute(async (trx) => {
      let query = trx.selectFrom("sessions").selectAll().where("id", "=", id);
      if (locksRows) query = query.forUpdate();
      const row = await query.executeTakeFirst();
      const user = row === undefined ? null : await findUser(trx, row.user_id);
      if (row === undefined || user === null) return null;
      const before = toSession(row);
      const { outcome, session, revocation, audit } = decide(before, user);
      if (session !== before) {
        await trx.updateTable("sessions").set(rotatedColumns(session)).where("id", "=", id).execute();
      }
      const entry = revocation === null ? null : await appendRevocation(trx, revocation);
      if (audit !== null) await appendAudit(trx, audit);
      return { outcome, session, user, entry };
    });
}
