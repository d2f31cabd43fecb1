import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import type { Migration } from "kysely/migration";
import { first } from "./migrations/001-first.ts";
import type { Database } from "./schema.ts";

/** In the order they run. A migration that has been released never changes. */
const MIGRATIONS: Record<string, Migration> = {
  "001-first": first,
};

/** Brings the schema to this version, in one transaction; several processes may do so at once. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const { error } = await migrator(db).migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error("A migration failed.", { cause: error });
}

/** True if every migration has run. */
export async function isMigrated(db: Kysely<Database>): Promise<boolean> {
  const migrations = await migrator(db).getMigrations();
  return migrations.every((migration) => migration.executedAt !== undefined);
}

function migrator(db: Kysely<Database>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
}
