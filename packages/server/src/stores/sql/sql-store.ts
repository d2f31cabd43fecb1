import type { Kysely } from "kysely";
import { storeUnavailable } from "../../errors.ts";
import type { Store } from "../store.ts";
import { createAppendRevocation } from "./append.ts";
import { isMigrated } from "./migrate.ts";
import type { Database } from "./schema.ts";
import type { SessionLedger } from "./session-ledger.ts";
import { createSqlApiKeyStore } from "./sql-api-key-store.ts";
import { createSqlAuditStore } from "./sql-audit-store.ts";
import { createSqlClientStore } from "./sql-client-store.ts";
import type { SqlEngine } from "./sql-engine.ts";
import { createSqlFederationStore } from "./sql-federation-store.ts";
import { createSqlKeyStore } from "./sql-key-store.ts";
import { createSqlLimitStore } from "./sql-limit-store.ts";
import { createSqlMailStore } from "./sql-mail-store.ts";
import { createSqlOAuthStore } from "./sql-oauth-store.ts";
import { createSqlRevocationStore } from "./sql-revocation-store.ts";
import { createSqlSecondFactorStore } from "./sql-second-factor-store.ts";
import { createSqlSelfRegisteredStore } from "./sql-self-registered-store.ts";
import { createSqlSessionLedger } from "./sql-session-ledger.ts";
import { createSqlSessionStore } from "./sql-session-store.ts";
import { createSqlUserStore } from "./sql-user-store.ts";

/** A store that can leave the rotations of sessions to another. */
export interface SqlStore extends Store {
  readonly ledger: SessionLedger;
}

/** The store on any SQL database that kysely speaks to. */
export function createSqlStore(db: Kysely<Database>, engine: SqlEngine): SqlStore {
  const appendRevocation = createAppendRevocation(engine);
  const sessions = createSqlSessionStore(db, appendRevocation, engine);
  return {
    users: createSqlUserStore(db, appendRevocation, engine),
    sessions,
    ledger: createSqlSessionLedger(db, sessions, engine),
    clients: createSqlClientStore(db, appendRevocation, engine),
    selfRegistered: createSqlSelfRegisteredStore(db, engine),
    revocations: createSqlRevocationStore(db, appendRevocation, engine),
    keys: createSqlKeyStore(db, appendRevocation),
    audit: createSqlAuditStore(db),
    limits: createSqlLimitStore(db, engine),
    oauth: createSqlOAuthStore(db, engine),
    federation: createSqlFederationStore(db, appendRevocation, engine),
    apiKeys: createSqlApiKeyStore(db, appendRevocation, engine),
    mail: createSqlMailStore(db, engine),
    secondFactors: createSqlSecondFactorStore(db, appendRevocation, engine),
    async check() {
      if (await isMigrated(db)) return;
      throw storeUnavailable(new Error("The database schema is older than this version of Ostiary."));
    },
    close: () => engine.close(),
  };
}
