import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The outbox, and the links that were mailed. */
export const mail = (): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable("mails")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("user_id", "text")
      .addColumn("to_address", "text", (c) => c.notNull())
      .addColumn("language", "text")
      .addColumn("detail", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("due_at", "bigint", (c) => c.notNull())
      .addColumn("tries", "integer", (c) => c.notNull())
      .execute();
    await schema.createIndex("mails_by_due").on("mails").column("due_at").execute();

    await schema
      .createTable("mail_links")
      .addColumn("hash", "text", (c) => c.primaryKey())
      .addColumn("user_id", "text", (c) => c.references("users.id").onDelete("cascade"))
      .addColumn("purpose", "text", (c) => c.notNull())
      .addColumn("slot", "text", (c) => c.notNull())
      .addColumn("address", "text", (c) => c.notNull())
      .addColumn("bound_to", "text")
      .addColumn("payload", "text")
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("used_at", "bigint")
      .execute();
    await schema.createIndex("mail_links_by_slot").on("mail_links").columns(["user_id", "slot"]).unique().execute();
    await schema.createIndex("mail_links_by_expiry").on("mail_links").column("expires_at").execute();
  },
});
