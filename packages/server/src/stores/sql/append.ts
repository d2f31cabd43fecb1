import { LAST_GOOD_KEYS_SECONDS } from "@ostiary/protocol";
import type { RevocationEntry } from "@ostiary/protocol";
import type { Kysely } from "kysely";
import type { AuditEvent } from "../../audit/audit-event.ts";
import { toSeconds } from "../../clock.ts";
import { REVOCATION_MARGIN_SECONDS } from "../../revocation/revocation-store.ts";
import type { RevocationDraft } from "../../revocation/revocation-store.ts";
import { builtOnceFor, rowsLike, valuesOf } from "./built-once.ts";
import { queueMails } from "./queue-mails.ts";
import type { Database } from "./schema.ts";
import type { RevocationRow } from "./tables/revocations.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";

/** The one way into the log. */
export function createAppendRevocation({ alone }: Pick<SqlEngine, "alone">): AppendRevocation {
  return async (trx, draft) => {
    await alone(trx);
    const row = await trx
      .insertInto("revocations")
      .values({
        kind: draft.kind,
        value: draft.value,
        version: draft.version ?? null,
        effect: draft.effect,
        expires_at_seconds: (await lastTokenExpiry(trx, toSeconds(draft.at))) + keyTrust(draft),
        reason: draft.reason,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRevocationEntry(row);
  };
}

/** When the last access token that is about has expired, in seconds. */
async function lastTokenExpiry(trx: Kysely<Database>, now: number): Promise<number> {
  const lifetimes = await trx.selectFrom("token_lifetimes").selectAll().where("id", "=", 1).executeTakeFirst();
  const current = now + (lifetimes?.lifetime_seconds ?? 0);
  const earlier = Number(lifetimes?.earlier_until_seconds ?? 0);
  return Math.max(current, earlier) + REVOCATION_MARGIN_SECONDS;
}

/** Whoever has a key that was stolen signs tokens with it at any time: until the last guard has forgotten the key. */
function keyTrust({ kind }: RevocationDraft): number {
  return kind === "key" ? LAST_GOOD_KEYS_SECONDS : 0;
}

export function toRevocationEntry(row: RevocationRow): RevocationEntry {
  return {
    seq: Number(row.seq),
    kind: row.kind as RevocationEntry["kind"],
    value: row.value,
    ...(row.version === null ? {} : { version: row.version }),
    effect: row.effect as RevocationEntry["effect"],
    expiresAt: Number(row.expires_at_seconds),
    reason: row.reason,
  };
}

/** Appends to the audit, inside the transaction of what it tells of. */
export async function appendAudit(trx: Kysely<Database>, event: AuditEvent): Promise<void> {
  await appendAudits(trx, [event]);
}

export async function appendAudits(trx: Kysely<Database>, events: readonly AuditEvent[]): Promise<void> {
  await insertAudits(trx, events.length, ...valuesOf(events.map(toAuditRow)));
  await queueMails(trx, events);
}

const insertAudits = builtOnceFor((db, count) => {
  const row = { at: 0, type: "", user_id: "", session_id: "", ip: "", user_agent: "", detail: "" };
  return db.insertInto("audit").values(rowsLike(row, count));
});

export function toAuditRow(event: AuditEvent) {
  return {
    at: event.at,
    type: event.type,
    user_id: event.userId,
    session_id: event.sessionId,
    ip: event.ip,
    user_agent: event.userAgent,
    detail: JSON.stringify(event.detail),
  };
}
