import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Database } from "./schema.ts";
import type { ColumnTypes } from "./sql-engine.ts";

type Load = () => Promise<(columns: ColumnTypes) => Migration>;

/** In the order they run. A migration that has been released never changes. They are loaded where one has not run yet. */
const MIGRATIONS: Readonly<Record<string, Load>> = {
  "001-first": async () => (await import("./migrations/001-first.ts")).first,
  "002-clients": async () => (await import("./migrations/002-clients.ts")).clients,
  "003-key-ring": async () => (await import("./migrations/003-key-ring.ts")).keyRing,
  "005-limits": async () => (await import("./migrations/005-limits.ts")).limits,
  "006-admin": async () => (await import("./migrations/006-admin.ts")).admin,
  "007-oauth": async () => (await import("./migrations/007-oauth.ts")).oauth,
  "008-proof-keys": async () => (await import("./migrations/008-proof-keys.ts")).proofKeys,
  "009-pushed-and-devices": async () => (await import("./migrations/009-pushed-and-devices.ts")).pushedAndDevices,
  "010-dynamic-clients": async () => (await import("./migrations/010-dynamic-clients.ts")).dynamicClients,
  "011-identities": async () => (await import("./migrations/011-identities.ts")).identities,
  "012-api-keys": async () => (await import("./migrations/012-api-keys.ts")).apiKeys,
  "013-mail": async () => (await import("./migrations/013-mail.ts")).mail,
  "014-second-factors": async () => (await import("./migrations/014-second-factors.ts")).secondFactors,
};

/**
 * Brings the schema to this version, in one transaction; several processes may do so at once.
 * Throws a NewerSchemaError where a later version has been, and changes nothing then.
 */
export async function migrate(db: Kysely<Database>, columns: ColumnTypes): Promise<void> {
  const { pending, unknown } = await migrationState(db);
  if (unknown.length > 0) throw new NewerSchemaError(unknown);
  if (pending.length === 0) return;
  // Before the transaction that they run in. All of them: which are still pending, it finds once it has the lock.
  const loaded = Object.entries(MIGRATIONS).map(async ([name, load]) => [name, (await load())(columns)] as const);
  const migrations = Object.fromEntries(await Promise.all(loaded));
  const { Migrator } = await import("kysely/migration");
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error("A migration failed.", { cause: error });
}

/** This version does not know what it would write into: going back takes the database of before. */
export class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError";

  constructor(migrations: readonly string[]) {
    super(`its schema is of a newer version of Ostiary, which added ${migrations.join(", ")}`);
  }
}

export const NEWER_SCHEMA_MEND = "run that version or a later one, or restore a backup from before";

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
export async function migrationState(db: Kysely<Database>): Promise<MigrationState> {
  const done = await migrationsRun(db);
  return {
    pending: Object.keys(MIGRATIONS).filter((name) => !done.includes(name)),
    unknown: done.filter((name) => !(name in MIGRATIONS)),
  };
}

/** True if every migration has run. */
export async function isMigrated(db: Kysely<Database>): Promise<boolean> {
  return (await migrationState(db)).pending.length === 0;
}

async function migrationsRun(db: Kysely<Database>): Promise<string[]> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (isWithoutTable(error)) return [];
    throw error;
  }
}

/** How PostgreSQL and SQLite say that nothing has been migrated yet. */
function isWithoutTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "42P01") || error.message.includes("no such table: kysely_migration");
}
