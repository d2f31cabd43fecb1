import type { Kysely } from "kysely";
import type { AuditEvent } from "../../audit/audit-event.ts";
import { appendAudits } from "./append.ts";
import type { Database } from "./schema.ts";
import type { SessionLedger } from "./session-ledger.ts";

/** So that a statement's parameters stay far below what the databases take. */
const MAX_GROUP = 500;

interface Job {
  readonly id: string;
  readonly audit: AuditEvent | null;
  resolve(isLive: boolean): void;
  reject(error: unknown): void;
}

/**
 * Confirmations that come together share a transaction, and those that come while it runs share the next: a rotation
 * costs the database a share of a commit. Each is answered only after its commit.
 */
export function confirmInGroups(db: Kysely<Database>): SessionLedger["confirm"] {
  let waiting: Job[] = [];
  let busy = false;

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, MAX_GROUP);
      waiting = waiting.slice(MAX_GROUP);
      try {
        const live = await confirm(db, group);
        for (const job of group) job.resolve(live.has(job.id));
      } catch (error) {
        // Whoever has come meanwhile has waited for the same database: none waits for two failures.
        for (const job of [...group, ...waiting]) job.reject(error);
        waiting = [];
      }
    }
    busy = false;
  }

  return (id, audit) => {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    waiting.push({ id, audit, resolve, reject });
    if (!busy) {
      busy = true;
      setImmediate(() => void work());
    }
    return promise;
  };
}

/** The sessions that have not ended as of this transaction, which audits what they did. */
async function confirm(db: Kysely<Database>, group: readonly Job[]): Promise<Set<string>> {
  const ids = [...new Set(group.map(({ id }) => id))];
  return db.transaction().execute(async (trx) => {
    const rows = await trx.selectFrom("sessions").select("id").where("id", "in", ids).where("revoked_at", "is", null).execute();
    const live = new Set(rows.map(({ id }) => id));
    const events = group.flatMap(({ id, audit }) => (audit !== null && live.has(id) ? [audit] : []));
    if (events.length > 0) await appendAudits(trx, events);
    return live;
  });
}
