import type { Kysely } from "kysely";
import type { ConsentStore } from "../../oauth/oauth-store.ts";
import { appendAudit } from "./append.ts";
import { builtOnce } from "./built-once.ts";
import type { Database } from "./schema.ts";

const readScopes = builtOnce((db) =>
  db.selectFrom("consents").select("scope").where("user_id", "=", "").where("client_id", "=", "").orderBy("scope"),
);

export function createSqlConsentStore(db: Kysely<Database>): ConsentStore {
  const of = (userId: string) => db.selectFrom("consents").selectAll().where("user_id", "=", userId);
  return {
    async find(userId, clientId) {
      const { rows } = await readScopes(db, userId, clientId);
      return rows.map(({ scope }) => scope);
    },

    async allow(userId, clientId, scopes, at, audit) {
      const rows = scopes.map((scope) => ({ user_id: userId, client_id: clientId, scope, at }));
      await db.transaction().execute(async (trx) => {
        if (rows.length > 0) await trx.insertInto("consents").values(rows).onConflict((conflict) => conflict.doNothing()).execute();
        await appendAudit(trx, audit);
      });
    },

    async withdraw(userId, clientId, audit) {
      return db.transaction().execute(async (trx) => {
        await trx
          .deleteFrom("authorization_codes")
          .where("user_id", "=", userId)
          .where("client_id", "=", clientId)
          .where("redeemed_at", "is", null)
          .execute();
        const all = trx.deleteFrom("consents").where("user_id", "=", userId).where("client_id", "=", clientId);
        const { numDeletedRows } = await all.executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return false;
        await appendAudit(trx, audit);
        return true;
      });
    },

    async list(userId) {
      const rows = await of(userId).orderBy("client_id").orderBy("scope").execute();
      const byClient = Map.groupBy(rows, (row) => row.client_id);
      return Array.from(byClient, ([clientId, all]) => ({
        clientId,
        scopes: all.map(({ scope }) => scope),
        at: Math.max(...all.map(({ at }) => Number(at))),
      }));
    },
  };
}
