import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../sql-engine.ts";

/** API keys, and a token version for clients: what service accounts' tokens say can change. */
export const apiKeys = ({ bytes, numbering }: ColumnTypes): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema.alterTable("clients").addColumn("token_version", "integer", (c) => c.notNull().defaultTo(1)).execute();
    // In the order of code points, whatever the database's language: their ids sort by time.
    const text = numbering === "identity" ? sql`text collate "C"` : "text";
    await schema
      .createTable("api_keys")
      .addColumn("id", text, (c) => c.primaryKey())
      .addColumn("user_id", "text", (c) => c.references("users.id").onDelete("cascade"))
      .addColumn("client_id", "text", (c) => c.references("clients.id").onDelete("cascade"))
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("scope", "text", (c) => c.notNull())
      .addColumn("with_roles", "integer", (c) => c.notNull())
      .addColumn("secret_id", "text", (c) => c.notNull())
      .addColumn("secret_hash", bytes, (c) => c.notNull())
      .addColumn("previous_id", "text")
      .addColumn("previous_hash", bytes)
      .addColumn("previous_until", "bigint")
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint")
      .addColumn("last_used_at", "bigint")
      .addColumn("revoked_at", "bigint")
      .addColumn("ends_at", "bigint")
      .execute();
    await schema.createIndex("api_keys_by_user").on("api_keys").columns(["user_id", "id"]).execute();
    await schema.createIndex("api_keys_by_client").on("api_keys").columns(["client_id", "id"]).execute();
    await schema.createIndex("api_keys_by_end").on("api_keys").column("ends_at").execute();
  },
});
