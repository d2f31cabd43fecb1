import type { Kysely } from "kysely";
import type { OAuthStore } from "../../oauth/oauth-store.ts";
import { createSqlCodeStore } from "./sql-code-store.ts";
import { createSqlConsentStore } from "./sql-consent-store.ts";
import { createSqlDeviceRequestStore } from "./sql-device-request-store.ts";
import { createSqlPushedRequestStore } from "./sql-pushed-request-store.ts";
import { createSqlSignOnStore } from "./sql-sign-on-store.ts";
import type { Database } from "./schema.ts";
import type { SqlEngine } from "./sql-engine.ts";

export function createSqlOAuthStore(db: Kysely<Database>, engine: SqlEngine): OAuthStore {
  return {
    codes: createSqlCodeStore(db, engine),
    consents: createSqlConsentStore(db),
    signOns: createSqlSignOnStore(db),
    pushed: createSqlPushedRequestStore(db),
    devices: createSqlDeviceRequestStore(db, engine),
    once: {
      async use(value, expiresAt) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto("used_once")
          .values({ value, expires_at: expiresAt })
          .onConflict((conflict) => conflict.column("value").doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      },

      async dropExpired(before, limit) {
        const over = db.selectFrom("used_once").select("value").where("expires_at", "<", before).orderBy("expires_at").limit(limit);
        const { numDeletedRows } = await db.deleteFrom("used_once").where(engine.isAmong("value", over)).executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      },
    },

    async dropExpired(before, limit) {
      const over = (table: "authorization_codes" | "grants" | "sign_ons") =>
        db.selectFrom(table).where("expires_at", "<", before).orderBy("expires_at").limit(limit);
      return db.transaction().execute(async (trx) => {
        const { isAmong } = engine;
        const dropped = [
          await trx.deleteFrom("authorization_codes").where(isAmong("hash", over("authorization_codes").select("hash"))).executeTakeFirstOrThrow(),
          await trx.deleteFrom("grants").where(isAmong("session_id", over("grants").select("session_id"))).executeTakeFirstOrThrow(),
          await trx.deleteFrom("sign_ons").where(isAmong("sign_on_id", over("sign_ons").select("sign_on_id"))).executeTakeFirstOrThrow(),
        ];
        // Of one session all sign-ons go together, maybe more than the limit.
        return Math.min(limit, Math.max(...dropped.map(({ numDeletedRows }) => Number(numDeletedRows))));
      });
    },

    async dropRequests(before, limit) {
      const over = (table: "pushed_requests" | "device_requests") =>
        db.selectFrom(table).select("hash").where("expires_at", "<", before).orderBy("expires_at").limit(limit);
      const { isAmong } = engine;
      const pushed = await db.deleteFrom("pushed_requests").where(isAmong("hash", over("pushed_requests"))).executeTakeFirstOrThrow();
      const asked = await db.deleteFrom("device_requests").where(isAmong("hash", over("device_requests"))).executeTakeFirstOrThrow();
      return Math.max(Number(pushed.numDeletedRows), Number(asked.numDeletedRows));
    },
  };
}
