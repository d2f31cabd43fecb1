import type { Kysely } from "kysely";
import { storeUnavailable } from "../../errors.ts";
import type { Store } from "../store.ts";
import { isMigrated } from "./migrate.ts";
import type { Database } from "./schema.ts";
import { createSqlAuditStore } from "./sql-audit-store.ts";
import { createSqlKeyStore } from "./sql-key-store.ts";
import { createSqlRevocationStore } from "./sql-revocation-store.ts";
import { createSqlSessionStore } from "./sql-session-store.ts";
import { createSqlUserStore } from "./sql-user-store.ts";

/** The store on any SQL database that kysely speaks to. */
export function createSqlStore(db: Kysely<Database>, engine: { changeMark(): Promise<number>; close(): Promise<void> }): Store {
  return {
    users: createSqlUserStore(db),
    sessions: createSqlSessionStore(db),
    keys: createSqlKeyStore(db),
    revocations: createSqlRevocationStore(db, () => engine.changeMark()),
    audit: createSqlAuditStore(db),
    async check() {
      if (await isMigrated(db)) return;
      throw storeUnavailable(new Error("The database schema is older than this version of Ostiary."));
    },
    close: () => engine.close(),
  };
}
