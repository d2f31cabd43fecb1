import { Kysely, PostgresDialect } from "kysely";
import type { Clock } from "../../clock.ts";
import type { KeyRing } from "../../keys/key-store.ts";
import { isCurrent, migrationState } from "../sql/migrate.ts";
import type { MigrationState } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import { readKeyRing } from "../sql/sql-key-store.ts";
import { unusable } from "./open-postgres.ts";
import { createPool } from "./pool.ts";
import type { Pool, Row } from "./pool.ts";

/** As this role sees them in this database. */
export interface PostgresFacts {
  readonly engine: "postgres";
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  readonly synchronousCommit: string;
  readonly synchronousStandbyNames: string;
  readonly writable: boolean;
  /** Whether the role may see which standbys are connected, and how. */
  readonly seesStandbys: boolean;
  readonly standbys: readonly Standby[];
  readonly migrations: MigrationState;
  /** Null where the schema is not ours to read. */
  readonly ring: KeyRing | null;
  /** How far its clock is ahead of ours, in milliseconds. */
  readonly clockDifferenceMs: number;
}

interface Standby {
  readonly name: string;
  /** sync, quorum, potential or async. */
  readonly syncState: string;
}

const PATIENCE_MS = 5000;

const SETTINGS = `
  select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
    current_setting('synchronous_commit') as synchronous_commit,
    current_setting('synchronous_standby_names') as synchronous_standby_names,
    current_setting('transaction_read_only') = 'off' as writable,
    pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_standbys`;
const STANDBYS = "select application_name as name, sync_state from pg_stat_replication where state = 'streaming'";
const TIME = "select extract(epoch from clock_timestamp()) * 1000 as now";

export async function readPostgresFacts(url: string, clock: Clock): Promise<PostgresFacts> {
  const pool = createPool({ url, size: 1, operationMs: PATIENCE_MS });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    const [settings = {}] = await ask(pool, SETTINGS);
    const standbys = await ask(pool, STANDBYS);
    const asked = clock();
    const [time = {}] = await ask(pool, TIME);
    const ours = (asked + clock()) / 2;
    const migrations = await migrationState(db);
    return {
      engine: "postgres",
      fsync: settings["fsync"] === "on",
      fullPageWrites: settings["full_page_writes"] === "on",
      synchronousCommit: settings["synchronous_commit"] as string,
      synchronousStandbyNames: settings["synchronous_standby_names"] as string,
      writable: settings["writable"] === true,
      seesStandbys: settings["sees_standbys"] === true,
      standbys: standbys.map((row) => ({ name: row["name"] as string, syncState: row["sync_state"] as string })),
      migrations,
      ring: isCurrent(migrations) ? await readKeyRing(db) : null,
      clockDifferenceMs: Number(time["now"]) - ours,
    };
  } catch (error) {
    throw unusable(url, error);
  } finally {
    await db.destroy();
  }
}

async function ask(pool: Pool, text: string): Promise<Row[]> {
  return (await pool.run({ name: "", text, values: [] })).rows;
}
