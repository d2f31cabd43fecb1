import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { migrationState } from "../sql/migrate.ts";
import type { MigrationState } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import { nodeSqliteDialect } from "./node-sqlite-dialect.ts";
import { COLUMNS, DURABILITY, unusable } from "./open-sqlite.ts";

export interface SqliteFacts {
  readonly engine: "sqlite";
  readonly journalMode: string;
  readonly synchronous: string;
  /** The file's permissions. */
  readonly mode: number;
  readonly migrations: MigrationState;
  /** There is no other machine. */
  readonly clockDifferenceMs: null;
}

const SYNCHRONOUS = ["off", "normal", "full", "extra"];

export async function readSqliteFacts(path: string): Promise<SqliteFacts> {
  const database = open(path);
  try {
    database.exec(DURABILITY);
    const pragma = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];
    return {
      engine: "sqlite",
      journalMode: String(pragma("journal_mode")),
      synchronous: SYNCHRONOUS[Number(pragma("synchronous"))] ?? "unknown",
      mode: statSync(path).mode & 0o777,
      migrations: await migrationState(new Kysely<Database>({ dialect: nodeSqliteDialect(database) }), COLUMNS),
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
