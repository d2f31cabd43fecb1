import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import type { KeyRing } from "../../keys/key-store.ts";
import { isCurrent, migrationState } from "../sql/migrate.ts";
import type { MigrationState } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import { readKeyRing } from "../sql/sql-key-store.ts";
import { nodeSqliteDialect } from "./node-sqlite-dialect.ts";
import { DURABILITY, unusable } from "./open-sqlite.ts";

export interface SqliteFacts {
  readonly engine: "sqlite";
  readonly journalMode: string;
  readonly synchronous: string;
  /** The file's permissions. */
  readonly mode: number;
  readonly migrations: MigrationState;
  /** Null where the schema is not ours to read. */
  readonly ring: KeyRing | null;
  /** There is no other machine. */
  readonly clockDifferenceMs: null;
}

const SYNCHRONOUS = ["off", "normal", "full", "extra"];

export async function readSqliteFacts(path: string): Promise<SqliteFacts> {
  const database = open(path);
  try {
    database.exec(DURABILITY);
    const db = new Kysely<Database>({ dialect: nodeSqliteDialect(database) });
    const migrations = await migrationState(db);
    const pragma = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];
    return {
      engine: "sqlite",
      journalMode: String(pragma("journal_mode")),
      synchronous: SYNCHRONOUS[Number(pragma("synchronous"))] ?? "unknown",
      mode: statSync(path).mode & 0o777,
      migrations,
      ring: isCurrent(migrations) ? await readKeyRing(db) : null,
      clockDifferenceMs: null,
    };
  } catch (error) {
    throw unusable(path, error);
  } finally {
    database.close();
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: true });
  } catch (error) {
    throw unusable(path, error);
  }
}
