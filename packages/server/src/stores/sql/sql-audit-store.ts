import { setImmediate as turn } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { AuditEventType } from "../../audit/audit-event.ts";
import type { AuditQuery, AuditStore, RecordedEvent } from "../../audit/audit-store.ts";
import { appendAudit } from "./append.ts";
import { auditIdAt } from "./audit-id-at.ts";
import { auditOfAddress } from "./audit-of-address.ts";
import type { Database } from "./schema.ts";
import type { AuditRow } from "./tables/audit.ts";

export function createSqlAuditStore(db: Kysely<Database>): AuditStore {
  return {
    append: (event) => db.transaction().execute((trx) => appendAudit(trx, event)),

    async list({ types, ...query }) {
      if (types === undefined) return (await page(db, query)).map(toRecordedEvent);
      // A page of each type, and the first of all: together they would be read from end to end.
      const pages = await Promise.all([...new Set(types)].map((type) => page(db, query, type)));
      const direction = query.after === undefined ? -1 : 1;
      const rows = pages.flat().map(toRecordedEvent).toSorted((a, b) => direction * (a.id - b.id));
      return rows.slice(0, limitOf(query));
    },

    async listFrom(query) {
      const { rows, next } = await auditOfAddress(db, { ...query, limit: limitOf(query) });
      return { events: rows.map(toRecordedEvent), next };
    },

    async countOfSession(sessionId, { after, before, atMost }) {
      const some = db
        .selectFrom("audit")
        .select("id")
        .where("session_id", "=", sessionId)
        .where("id", ">", after)
        .where("id", "<", before)
        .limit(atMost)
        .as("some");
      const { count } = await db.selectFrom(some).select((eb) => eb.fn.countAll().as("count")).executeTakeFirstOrThrow();
      return Number(count);
    },

    async count(types, times) {
      const counts: Map<AuditEventType, number>[] = [];
      let from: number | undefined;
      for (const time of times) {
        const to = await auditIdAt(db, time, from);
        if (from !== undefined) counts.push(await countBetween(db, types, from, to));
        from = to;
        // A store in this process answers without a pause, and others wait to be answered.
        await turn();
      }
      return counts;
    },

    async dropOlder(before, limit) {
      // By their numbers, which come in the order of time: an index on the time would cost every refresh.
      const oldest = await db.selectFrom("audit").select(["id", "at"]).orderBy("id").limit(limit).execute();
      const over = oldest.filter(({ at }) => Number(at) < before).map(({ id }) => id);
      if (over.length === 0) return 0;
      const { numDeletedRows } = await db.deleteFrom("audit").where("id", "in", over).executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

async function page(db: Kysely<Database>, query: AuditQuery, type?: AuditEventType): Promise<AuditRow[]> {
  const { userId, sessionId, ip, since, until, before, after } = query;
  const direction = after === undefined ? "desc" : "asc";
  let rows = db.selectFrom("audit").selectAll().orderBy("id", direction).limit(limitOf(query));
  if (userId !== undefined) rows = rows.where("user_id", "=", userId);
  if (sessionId !== undefined) rows = rows.where("session_id", "=", sessionId);
  if (ip !== undefined) rows = rows.where("ip", "=", ip);
  if (type !== undefined) rows = rows.where("type", "=", type);
  if (before !== undefined) rows = rows.where("id", "<", before);
  if (after !== undefined) rows = rows.where("id", ">", after);
  if (since !== undefined) rows = rows.where("id", ">=", await auditIdAt(db, since));
  if (until !== undefined) rows = rows.where("id", "<", await auditIdAt(db, until));
  return rows.execute();
}

async function countBetween(
  db: Kysely<Database>,
  types: readonly AuditEventType[],
  from: number,
  to: number,
): Promise<Map<AuditEventType, number>> {
  const rows = await db
    .selectFrom("audit")
    .select(["type", (eb) => eb.fn.countAll().as("count")])
    .where("type", "in", types)
    .where("id", ">=", from)
    .where("id", "<", to)
    .groupBy("type")
    .execute();
  return new Map(rows.map(({ type, count }) => [type as AuditEventType, Number(count)]));
}

function limitOf({ limit = 100 }: AuditQuery): number {
  return Math.min(Math.max(limit, 1), 1000);
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
