import type { Kysely } from "kysely";
import type { SessionStore } from "../../sessions/session-store.ts";
import { appendAudit } from "../sql/append.ts";
import type { AppendRevocation } from "../sql/sql-engine.ts";
import type { Database } from "../sql/schema.ts";
import { rotatedColumns, toSession } from "../sql/session-row.ts";
import { findUser } from "../sql/user-row.ts";

/** A rotation as one transaction that locks the row from reading to writing: the long way, for what also revokes. */
export function rotateInTransaction(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
): SessionStore["rotate"] {
  return async (id, decide) =>
    db.transaction().execute(async (trx) => {
      const row = await trx.selectFrom("sessions").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
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
