import { sql } from "kysely";
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import type { Migration } from "kysely/migration";
import { first } from "./migrations/001-first.ts";
import { clients } from "./migrations/002-clients.ts";
import { keyRing } from "./migrations/003-key-ring.ts";
import { limits } from "./migrations/005-limits.ts";
import { admin } from "./migrations/006-admin.ts";
import { oauth } from "./migrations/007-oauth.ts";
import type { Database } from "./schema.ts";
import type { ColumnTypes } from "./sql-engine.ts";

/** In the order they run. A migration that has been released never changes. */
const MIGRATIONS: Record<string, (columns: ColumnTypes) => Migration> = {
  "001-first": first,
  "002-clients": clients,
  "003-key-ring": keyRing,
  "005-limits": limits,
  "006-admin": admin,
  "007-oauth": oauth,
};

/** Brings the schema to this version, in one transaction; several processes may do so at once. */
export async function migrate(db: Kysely<Database>, columns: ColumnTypes): Promise<void> {
  const { error } = await migrator(db, columns).migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error("A migration failed.", { cause: error });
}

export interface MigrationState {
  /** Not run yet, in the order they will. */
  readonly pending: readonly string[];
  /** Run by a version that knows more than this one. */
  readonly unknown: readonly string[];
}

export function isCurrent({ pending, unknown }: MigrationState): boolean {
  return pending.length === 0 && unknown.length === 0;
}

/** Changes nothing, also where nothing has been migrated yet. */
export async function migrationState(db: Kysely<Database>, columns: ColumnTypes): Promise<MigrationState> {
  const known = await migrator(db, columns).getMigrations();
  const pending = known.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
  if (pending.length === known.length) return { pending, unknown: [] };
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return { pending, unknown: rows.map(({ name }) => name).filter((name) => !(name in MIGRATIONS)) };
}

/** True if every migration has run. */
export async function isMigrated(db: Kysely<Database>, columns: ColumnTypes): Promise<boolean> {
  const migrations = await migrator(db, columns).getMigrations();
  return migrations.every((migration) => migration.executedAt !== undefined);
}

function migrator(db: Kysely<Database>, columns: ColumnTypes): Migrator {
  const migrations = Object.fromEntries(Object.entries(MIGRATIONS).map(([name, make]) => [name, make(columns)]));
  return new Migrator({ db, provider: { getMigrations: async () => migrations } });
}
