import type { Kysely } from "kysely";
import { storeUnavailable } from "../../errors.ts";
import type { Store } from "../store.ts";
import { createAppendRevocation } from "./append.ts";
import { isMigrated } from "./migrate.ts";
import type { Database } from "./schema.ts";
import { createSqlAuditStore } from "./sql-audit-store.ts";
import type { SqlEngine } from "./sql-engine.ts";
import { createSqlKeyStore } from "./sql-key-store.ts";
import { createSqlRevocationStore } from "./sql-revocation-store.ts";
import { createSqlSessionStore } from "./sql-session-store.ts";
import { createSqlUserStore } from "./sql-user-store.ts";

/** The store on any SQL database that kysely speaks to. */
export function createSqlStore(db: Kysely<Database>, engine: SqlEngine): Store {
  const appendRevocation = createAppendRevocation(engine);
  return {
    users: createSqlUserStore(db, appendRevocation),
    sessions: createSqlSessionStore(db, appendRevocation, engine),
    keys: createSqlKeyStore(db, engine),
    revocations: createSqlRevocationStore(db, engine),
    audit: createSqlAuditStore(db),
    async check() {
      if (await isMigrated(db, engine.columns)) return;
      throw storeUnavailable(new Error("The database schema is older than this version of Ostiary."));
    },
    close: () => engine.close(),
  };
}
