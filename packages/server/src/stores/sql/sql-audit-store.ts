import type { Kysely } from "kysely";
import type { AuditEventType } from "../../audit/audit-event.ts";
import type { AuditStore, RecordedEvent } from "../../audit/audit-store.ts";
import { appendAudit } from "./append.ts";
import type { AuditRow, Database } from "./schema.ts";

export function createSqlAuditStore(db: Kysely<Database>): AuditStore {
  return {
    append: (event) => db.transaction().execute((trx) => appendAudit(trx, event)),

    async dropOlder(before, limit) {
      // By their numbers, which come in the order of time: an index on the time would cost every refresh.
      const oldest = await db.selectFrom("audit").select(["id", "at"]).orderBy("id").limit(limit).execute();
      const over = oldest.filter(({ at }) => Number(at) < before).map(({ id }) => id);
      if (over.length === 0) return 0;
      const { numDeletedRows } = await db.deleteFrom("audit").where("id", "in", over).executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },

    async list({ userId, sessionId, before, after, limit = 100 }) {
      const direction = after === undefined ? "desc" : "asc";
      let query = db.selectFrom("audit").selectAll().orderBy("id", direction).limit(Math.min(Math.max(limit, 1), 1000));
      if (userId !== undefined) query = query.where("user_id", "=", userId);
      if (sessionId !== undefined) query = query.where("session_id", "=", sessionId);
      if (before !== undefined) query = query.where("id", "<", before);
      if (after !== undefined) query = query.where("id", ">", after);
      return (await query.execute()).map(toRecordedEvent);
    },
  };
}

function toRecordedEvent(row: AuditRow): RecordedEvent {
  return {
    id: Number(row.id),
    at: Number(row.at),
    type: row.type as AuditEventType,
    userId: row.user_id,
    sessionId: row.session_id,
    ip: row.ip,
    userAgent: row.user_agent,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  };
}
