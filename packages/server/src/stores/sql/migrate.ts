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
import { proofKeys } from "./migrations/008-proof-keys.ts";
import { pushedAndDevices } from "./migrations/009-pushed-and-devices.ts";
import { dynamicClients } from "./migrations/010-dynamic-clients.ts";
import { identities } from "./migrations/011-identities.ts";
import { apiKeys } from "./migrations/012-api-keys.ts";
import { mail } from "./migrations/013-mail.ts";
import { secondFactors } from "./migrations/014-second-factors.ts";
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
  "008-proof-keys": proofKeys,
  "009-pushed-and-devices": pushedAndDevices,
  "010-dynamic-clients": dynamicClients,
  "011-identities": identities,
  "012-api-keys": apiKeys,
  "013-mail": mail,
  "014-second-factors": secondFactors,
};

/**
 * Brings the schema to this version, in one transaction; several processes may do so at once.
 * Throws a NewerSchemaError where a later version has been, and changes nothing then.
 */
export async function migrate(db: Kysely<Database>, columns: ColumnTypes): Promise<void> {
  const { unknown } = await migrationState(db, columns);
  if (unknown.length > 0) throw new NewerSchemaError(unknown);
  const { error } = await migrator(db, columns).migrateToLatest();
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
