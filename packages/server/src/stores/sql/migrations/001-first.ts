import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../sql-engine.ts";

/** Users, sessions, keys, the revocation log, the audit. */
export const first = ({ bytes, numbering }: ColumnTypes): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    // On SQLite, too, a number is never given twice, not even after the newest rows were dropped.
    const numbered = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
      numbering === "identity" ? column.primaryKey().generatedAlwaysAsIdentity() : column.primaryKey().autoIncrement();
    const numberType = numbering === "identity" ? "bigint" : "integer";

    await db.schema
      .createTable("users")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("email", "text", (c) => c.notNull())
      .addColumn("email_identity", "text", (c) => c.notNull().unique())
      .addColumn("email_verified", "integer", (c) => c.notNull())
      .addColumn("name", "text")
      .addColumn("roles", "text", (c) => c.notNull())
      .addColumn("password_hash", "text", (c) => c.notNull())
      .addColumn("token_version", "integer", (c) => c.notNull())
      .addColumn("disabled_at", "bigint")
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .execute();

    await db.schema
      .createTable("sessions")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
      .addColumn("client_id", "text", (c) => c.notNull())
      .addColumn("generation", "bigint", (c) => c.notNull())
      .addColumn("secret", bytes, (c) => c.notNull())
      .addColumn("refresh_key_id", "text", (c) => c.notNull())
      .addColumn("retired", "text", (c) => c.notNull())
      .addColumn("rotation_key_hash", "text")
      .addColumn("late_generation", "bigint")
      .addColumn("device_hash", "text")
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("rotated_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("idle_seconds", "integer", (c) => c.notNull())
      .addColumn("ends_at", "bigint", (c) => c.notNull())
      .addColumn("remember", "integer", (c) => c.notNull())
      .addColumn("auth_time", "bigint", (c) => c.notNull())
      .addColumn("method", "text", (c) => c.notNull())
      .addColumn("device_label", "text", (c) => c.notNull())
      .addColumn("ip", "text")
      .addColumn("user_agent", "text")
      .addColumn("scope", "text")
      .addColumn("audience", "text")
      .addColumn("revoked_at", "bigint")
      .addColumn("revoked_reason", "text")
      .execute();
    await db.schema.createIndex("sessions_by_user").on("sessions").columns(["user_id", "ends_at"]).execute();
    await db.schema.createIndex("sessions_by_end").on("sessions").column("ends_at").execute();

    await db.schema
      .createTable("keys")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("purpose", "text", (c) => c.notNull())
      .addColumn("algorithm", "text", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("sealed", bytes, (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .execute();

    await db.schema
      .createTable("revocations")
      .addColumn("seq", numberType, numbered)
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("value", "text", (c) => c.notNull())
      .addColumn("version", "integer")
      .addColumn("effect", "text", (c) => c.notNull())
      .addColumn("expires_at_seconds", "bigint", (c) => c.notNull())
      .addColumn("reason", "text", (c) => c.notNull())
      .execute();
    await db.schema.createIndex("revocations_by_expiry").on("revocations").column("expires_at_seconds").execute();

    await db.schema
      .createTable("token_lifetimes")
      .addColumn("id", "integer", (c) => c.primaryKey())
      .addColumn("lifetime_seconds", "integer", (c) => c.notNull())
      .addColumn("earlier_until_seconds", "bigint", (c) => c.notNull())
      .execute();

    await db.schema
      .createTable("audit")
      .addColumn("id", numberType, numbered)
      .addColumn("at", "bigint", (c) => c.notNull())
      .addColumn("type", "text", (c) => c.notNull())
      .addColumn("user_id", "text")
      .addColumn("session_id", "text")
      .addColumn("ip", "text")
      .addColumn("user_agent", "text")
      .addColumn("detail", "text", (c) => c.notNull())
      .execute();
    await db.schema.createIndex("audit_by_user").on("audit").columns(["user_id", "id"]).execute();
    await db.schema.createIndex("audit_by_session").on("audit").columns(["session_id", "id"]).execute();
  },
});
