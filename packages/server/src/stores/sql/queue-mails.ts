import type { Kysely } from "kysely";
import type { AuditEvent } from "../../audit/audit-event.ts";
import type { MailDraft } from "../../mail/mail-draft.ts";
import type { MailLink } from "../../mail/mail-link.ts";
import type { Database } from "./schema.ts";
import type { MailLinkRow, MailRow } from "./tables/mail.ts";

/** Puts what somebody is to be written into the outbox, inside the transaction of what it tells of. */
export async function queueMails(trx: Kysely<Database>, events: readonly AuditEvent[]): Promise<void> {
  for (const { mail } of events) {
    if (mail === undefined) continue;
    await trx.insertInto("mails").values(toMailRow(mail)).execute();
    if (mail.link !== null) await keepNewest(trx, mail.link);
  }
}

/** In place of an older one in its slot. A newer one stays. */
export async function keepNewest(trx: Kysely<Database>, link: MailLink): Promise<void> {
  const { user_id: _user, slot: _slot, ...columns } = toLinkRow(link);
  // Where there is no user yet, there is no slot either: the same mail, tried again, has the same link all the same.
  if (link.userId === null) {
    await trx.insertInto("mail_links").values(toLinkRow(link)).onConflict((conflict) => conflict.column("hash").doNothing()).execute();
    return;
  }
  await trx
    .insertInto("mail_links")
    .values(toLinkRow(link))
    .onConflict((conflict) =>
      conflict
        .columns(["user_id", "slot"])
        .doUpdateSet(columns)
        .where("mail_links.created_at", "<=", link.createdAt)
        // One that was used stays used when its mail is tried again.
        .where("mail_links.hash", "<>", link.hash),
    )
    .execute();
}

function toMailRow({ id, kind, userId, to, language, detail, createdAt, expiresAt }: MailDraft): MailRow {
  const times = { created_at: createdAt, expires_at: expiresAt, due_at: createdAt };
  return { id, kind, user_id: userId, to_address: to, language, detail: JSON.stringify(detail), ...times, tries: 0 };
}

function toLinkRow(link: MailLink): MailLinkRow {
  return {
    hash: link.hash,
    user_id: link.userId,
    purpose: link.purpose,
    slot: link.slot,
    address: link.address,
    bound_to: link.boundTo,
    payload: link.payload,
    created_at: link.createdAt,
    expires_at: link.expiresAt,
    used_at: link.usedAt,
  };
}
