import type { Kysely } from "kysely";
import { appendAudits } from "./append.ts";
import type { Database } from "./schema.ts";
import type { ConfirmAll } from "./session-ledger.ts";

/** On any SQL database. */
export function confirmInTransaction(db: Kysely<Database>): ConfirmAll {
  return (group) =>
    db.transaction().execute(async (trx) => {
      const ids = [...new Set(group.map(({ id }) => id))];
      const rows = await trx.selectFrom("sessions").select("id").where("id", "in", ids).where("revoked_at", "is", null).execute();
      const live = new Set(rows.map(({ id }) => id));
      const events = group.flatMap(({ id, audit }) => (audit !== null && live.has(id) ? [audit] : []));
      if (events.length > 0) await appendAudits(trx, events);
      return live;
    });
}
