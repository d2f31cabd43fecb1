import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Requests that clients make ahead of their user: pushed ones (RFC 9126), and those of devices without a browser (RFC 8628). */
export const pushedAndDevices = (): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable("pushed_requests")
      .addColumn("hash", "text", (c) => c.primaryKey())
      .addColumn("client_id", "text", (c) => c.notNull())
      .addColumn("parameters", "text", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("opened_at", "bigint")
      .addColumn("used_at", "bigint")
      .execute();
    await schema.createIndex("pushed_requests_by_expiry").on("pushed_requests").column("expires_at").execute();

    await schema
      .createTable("device_requests")
      .addColumn("hash", "text", (c) => c.primaryKey())
      .addColumn("user_code", "text", (c) => c.notNull().unique())
      .addColumn("client_id", "text", (c) => c.notNull())
      .addColumn("scope", "text", (c) => c.notNull())
      .addColumn("resources", "text", (c) => c.notNull())
      .addColumn("ip", "text")
      .addColumn("user_agent", "text")
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("interval_seconds", "integer", (c) => c.notNull())
      .addColumn("polled_at", "bigint")
      .addColumn("decision", "text")
      .execute();
    await schema.createIndex("device_requests_by_expiry").on("device_requests").column("expires_at").execute();
  },
});
