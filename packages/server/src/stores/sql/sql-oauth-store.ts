import type { Kysely } from "kysely";
import type { OAuthStore } from "../../oauth/oauth-store.ts";
import { createSqlCodeStore } from "./sql-code-store.ts";
import { createSqlConsentStore } from "./sql-consent-store.ts";
import { createSqlSignOnStore } from "./sql-sign-on-store.ts";
import type { Database } from "./schema.ts";
import type { SqlEngine } from "./sql-engine.ts";

export function createSqlOAuthStore(db: Kysely<Database>, engine: SqlEngine): OAuthStore {
  return {
    codes: createSqlCodeStore(db, engine),
    consents: createSqlConsentStore(db),
    signOns: createSqlSignOnStore(db),
    once: {
      async use(value, expiresAt) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto("used_once")
          .values({ value, expires_at: expiresAt })
          .onConflict((conflict) => conflict.column("value").doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      },
    },

    async dropExpired(before, limit) {
      const over = (table: "used_once" | "authorization_codes" | "grants" | "sign_ons") =>
        db.selectFrom(table).where("expires_at", "<", before).orderBy("expires_at").limit(limit);
      return db.transaction().execute(async (trx) => {
        const { isAmong } = engine;
        const dropped = [
          await trx.deleteFrom("used_once").where(isAmong("value", over("used_once").select("value"))).executeTakeFirstOrThrow(),
          await trx.deleteFrom("authorization_codes").where(isAmong("hash", over("authorization_codes").select("hash"))).executeTakeFirstOrThrow(),
          await trx.deleteFrom("grants").where(isAmong("session_id", over("grants").select("session_id"))).executeTakeFirstOrThrow(),
          await trx.deleteFrom("sign_ons").where(isAmong("sign_on_id", over("sign_ons").select("sign_on_id"))).executeTakeFirstOrThrow(),
        ];
        // Of one session all sign-ons go together, maybe more than the limit.
        return Math.min(limit, Math.max(...dropped.map(({ numDeletedRows }) => Number(numDeletedRows))));
      });
    },
  };
}
