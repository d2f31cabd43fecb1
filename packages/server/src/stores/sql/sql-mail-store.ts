import type { Kysely } from "kysely";
import type { MailKind, MailLanguage } from "../../mail/mail-draft.ts";
import type { LinkPurpose, MailLink } from "../../mail/mail-link.ts";
import type { MailStore, QueuedMail } from "../../mail/mail-store.ts";
import { appendAudit } from "./append.ts";
import { keepNewest } from "./queue-mails.ts";
import type { Database } from "./schema.ts";
import type { MailLinkRow, MailRow } from "./tables/mail.ts";
import type { SqlEngine } from "./sql-engine.ts";

export function createSqlMailStore(db: Kysely<Database>, engine: Pick<SqlEngine, "isAmong">): MailStore {
  async function findLink(hash: string): Promise<MailLink | null> {
    const row = await db.selectFrom("mail_links").selectAll().where("hash", "=", hash).executeTakeFirst();
    return row === undefined ? null : toLink(row);
  }

  return {
    async takeDue(now, leaseMs, limit) {
      const due = await db.selectFrom("mails").selectAll().where("due_at", "<=", now).orderBy("due_at").limit(limit).execute();
      const taken: QueuedMail[] = [];
      for (const row of due) {
        // Whoever else saw it due was later if it is another time now.
        const { numUpdatedRows } = await db
          .updateTable("mails")
          .set({ due_at: now + leaseMs, tries: row.tries + 1 })
          .where("id", "=", row.id)
          .where("due_at", "=", row.due_at)
          .where("tries", "=", row.tries)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 1n) taken.push(toMail(row));
      }
      return taken;
    },

    async settle(id, audit) {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom("mails").where("id", "=", id).execute();
        if (audit !== null) await appendAudit(trx, audit);
      });
    },

    async retryAt(id, at) {
      await db.updateTable("mails").set({ due_at: at }).where("id", "=", id).execute();
    },

    async keepLink(link, now) {
      await keepNewest(db, link);
      const kept = await findLink(link.hash);
      return kept !== null && kept.usedAt === null && kept.expiresAt > now;
    },

    findLink,

    async dropExpired(before, limit) {
      const over = db.selectFrom("mail_links").select("hash").where("expires_at", "<", before).orderBy("expires_at").limit(limit);
      const { numDeletedRows } = await db.deleteFrom("mail_links").where(engine.isAmong("hash", over)).executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/**
 * The first step of what a link allows: false, with nothing changed, if somebody was quicker. The user is locked before it,
 * as everywhere.
 */
export async function useLink(
  trx: Kysely<Database>,
  { locksRows }: Pick<SqlEngine, "locksRows">,
  userId: string | null,
  hash: string,
  at: number,
): Promise<boolean> {
  // Whoever comes late need not wait for the others who do.
  const unused = trx.selectFrom("mail_links").select("hash").where("hash", "=", hash).where("used_at", "is", null);
  if ((await unused.executeTakeFirst()) === undefined) return false;
  if (locksRows && userId !== null) await trx.selectFrom("users").select("id").where("id", "=", userId).forUpdate().execute();
  const { numUpdatedRows } = await trx
    .updateTable("mail_links")
    .set({ used_at: at, payload: null })
    .where("hash", "=", hash)
    .where("user_id", userId === null ? "is" : "=", userId)
    .where("used_at", "is", null)
    .where("expires_at", ">", at)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

function toMail(row: MailRow): QueuedMail {
  return {
    id: row.id,
    kind: row.kind as MailKind,
    userId: row.user_id,
    to: row.to_address,
    language: row.language as MailLanguage | null,
    detail: JSON.parse(row.detail) as Record<string, string | null>,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    tries: row.tries,
  };
}

function toLink(row: MailLinkRow): MailLink {
  return {
    hash: row.hash,
    userId: row.user_id,
    purpose: row.purpose as LinkPurpose,
    slot: row.slot,
    address: row.address,
    boundTo: row.bound_to,
    payload: row.payload,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    usedAt: row.used_at === null ? null : Number(row.used_at),
  };
}
