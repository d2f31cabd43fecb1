import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../sql-engine.ts";
import type { Database } from "../schema.ts";
import { toUser } from "../user-row.ts";
import { indexNewUsers } from "../user-terms.ts";

const BATCH = 500;

/** What users are found by, and the audit by its types: for looking things up without reading tables from end to end. */
export const admin = ({ numbering }: ColumnTypes): Migration => ({
  async up(db: Kysely<Database>): Promise<void> {
    // In the order of code points, whatever the database's language: the words of a search are ranges of it.
    const text = numbering === "identity" ? sql`text collate "C"` : "text";
    await db.schema
      .createTable("user_terms")
      .addColumn("term", text, (c) => c.notNull())
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
      .addPrimaryKeyConstraint("user_terms_pk", ["term", "user_id"])
      .execute();
    await db.schema.createIndex("user_terms_by_user").on("user_terms").columns(["user_id", "term"]).execute();
    await db.schema.createIndex("audit_by_type").on("audit").columns(["type", "id"]).execute();

    for (let after = ""; ; ) {
      const rows = await db.selectFrom("users").selectAll().where("id", ">", after).orderBy("id").limit(BATCH).execute();
      if (rows.length === 0) return;
      await indexNewUsers(db, rows.map(toUser));
      after = rows.at(-1)?.id ?? after;
    }
  },
});
