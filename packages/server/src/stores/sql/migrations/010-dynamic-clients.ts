import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Clients that came by themselves, and the tokens that let them. */
export const dynamicClients = (): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema.alterTable("clients").addColumn("self_registered", "text").execute();
    await schema.alterTable("clients").addColumn("used_at", "bigint").execute();
    // For the sweeper: of the operator's own none is in it.
    await schema
      .createIndex("clients_unused")
      .on("clients")
      .column("created_at")
      .where(sql<boolean>`self_registered is not null and used_at is null`)
      .execute();

    await schema
      .createTable("initial_access_tokens")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("hash", "text", (c) => c.notNull().unique())
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("uses_left", "integer", (c) => c.notNull())
      .execute();
    await schema.createIndex("initial_access_tokens_by_expiry").on("initial_access_tokens").column("expires_at").execute();
  },
});
