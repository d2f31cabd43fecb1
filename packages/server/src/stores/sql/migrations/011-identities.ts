import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Whom other issuers know our users as, and sign-ins that are under way there. */
export const identities = (): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable("identities")
      .addColumn("issuer", "text", (c) => c.notNull())
      .addColumn("subject", "text", (c) => c.notNull())
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
      .addColumn("label", "text")
      .addColumn("linked_at", "bigint", (c) => c.notNull())
      .addPrimaryKeyConstraint("identities_pk", ["issuer", "subject"])
      .execute();
    await schema.createIndex("identities_by_user").on("identities").column("user_id").execute();

    await schema
      .createTable("sign_in_transactions")
      .addColumn("hash", "text", (c) => c.primaryKey())
      .addColumn("browser_hash", "text", (c) => c.notNull())
      .addColumn("provider", "text", (c) => c.notNull())
      .addColumn("purpose", "text", (c) => c.notNull())
      .addColumn("detail", "text", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .execute();
    await schema.createIndex("sign_in_transactions_by_expiry").on("sign_in_transactions").column("expires_at").execute();
  },
});
