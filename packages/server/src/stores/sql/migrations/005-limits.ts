import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Tries that are counted: the columns, in this order, are those of rate-limiter-flexible. */
export const limits = (): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("limits")
      .addColumn("key", "varchar(255)", (c) => c.primaryKey())
      .addColumn("points", "integer", (c) => c.notNull().defaultTo(0))
      .addColumn("expire", "bigint")
      .execute();
    await db.schema.createIndex("limits_by_expiry").on("limits").column("expire").execute();
  },
});
