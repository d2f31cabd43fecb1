import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../sql-engine.ts";

/** Long enough for any refresh token that a key of before has signed. */
const KEPT_MS = 400 * 86_400_000;

/** When keys change their state, and a number that every change of the ring raises. */
export const keyRing = (_columns: ColumnTypes): Migration => ({
  async up(db: Kysely<{ keys: Record<string, unknown>; key_ring: Record<string, unknown> }>): Promise<void> {
    const { schema } = db;
    await schema.alterTable("keys").addColumn("origin", "text", (c) => c.notNull().defaultTo("generated")).execute();
    await schema.alterTable("keys").addColumn("token_seconds", "integer", (c) => c.notNull().defaultTo(0)).execute();
    for (const column of ["activates_at", "activated_at", "retired_at", "gone_at"]) {
      await schema.alterTable("keys").addColumn(column, "bigint").execute();
    }
    await schema.alterTable("keys").addColumn("compromised", "integer", (c) => c.notNull().defaultTo(0)).execute();
    await db.updateTable("keys").set((eb) => ({ activated_at: eb.ref("created_at") })).execute();
    await db
      .updateTable("keys")
      .set((eb) => ({ retired_at: eb.ref("created_at"), gone_at: eb("created_at", "+", KEPT_MS) }))
      .where("state", "=", "retiring")
      .execute();

    await schema
      .createTable("key_ring")
      .addColumn("id", "integer", (c) => c.primaryKey())
      .addColumn("revision", "bigint", (c) => c.notNull())
      .addColumn("secret_id", "text")
      .execute();
    await db.insertInto("key_ring").values({ id: 1, revision: 0, secret_id: null }).execute();
  },
});
