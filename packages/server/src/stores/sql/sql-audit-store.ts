import type { Kysely } from "kysely";
import type { AuditEventType } from "../../audit/audit-event.ts";
import type { AuditStore, RecordedEvent } from "../../audit/audit-store.ts";
import { appendAudit } from "./append.ts";
import type { AuditRow, Database } from "./schema.ts";

export function createSqlAuditStore(db: Kysely<Database>): AuditStore {
  return {
    append: (event) => db.transaction().execute((trx) => appendAudit(trx, event)),

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
