import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../sql-engine.ts";

/** What people have besides a password, and sign-ins that wait for it; the key that secrets among it are sealed under. */
export const secondFactors = ({ bytes }: ColumnTypes): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema.alterTable("key_ring").addColumn("data_key", bytes).execute();

    await schema
      .createTable("totp_secrets")
      .addColumn("user_id", "text", (c) => c.primaryKey().references("users.id").onDelete("cascade"))
      .addColumn("sealed", bytes, (c) => c.notNull())
      .addColumn("last_step", "bigint", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .execute();

    await schema
      .createTable("recovery_codes")
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
      .addColumn("hash", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("recovery_codes_pk", ["user_id", "hash"])
      .execute();

    await schema
      .createTable("passkeys")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
      .addColumn("public_key", bytes, (c) => c.notNull())
      .addColumn("counter", "bigint", (c) => c.notNull())
      .addColumn("transports", "text", (c) => c.notNull())
      .addColumn("device_type", "text", (c) => c.notNull())
      .addColumn("backed_up", "integer", (c) => c.notNull())
      .addColumn("user_verified", "integer", (c) => c.notNull())
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("last_used_at", "bigint")
      .execute();
    await schema.createIndex("passkeys_by_user").on("passkeys").column("user_id").execute();

    await schema
      .createTable("pending_sign_ins")
      .addColumn("hash", "text", (c) => c.primaryKey())
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("user_id", "text", (c) => c.references("users.id").onDelete("cascade"))
      .addColumn("browser_hash", "text")
      .addColumn("detail", "text", (c) => c.notNull())
      .addColumn("challenge", "text")
      .addColumn("tries", "integer", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .execute();
    await schema.createIndex("pending_sign_ins_by_user").on("pending_sign_ins").column("user_id").execute();
    await schema.createIndex("pending_sign_ins_by_expiry").on("pending_sign_ins").column("expires_at").execute();
  },
});
