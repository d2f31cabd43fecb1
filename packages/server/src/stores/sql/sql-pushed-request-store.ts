import type { Kysely } from "kysely";
import type { PushedRequestStore } from "../../oauth/oauth-store.ts";
import { builtOnce } from "./built-once.ts";
import type { Database } from "./schema.ts";

const readRequest = builtOnce((db) => db.selectFrom("pushed_requests").selectAll().where("hash", "=", ""));

export function createSqlPushedRequestStore(db: Kysely<Database>): PushedRequestStore {
  return {
    async keep({ hash, clientId, parameters, expiresAt }) {
      const row = { hash, client_id: clientId, parameters, expires_at: expiresAt, opened_at: null, used_at: null };
      await db.insertInto("pushed_requests").values(row).execute();
    },

    async open(hash, clientId, at, openUntil) {
      const [row] = (await readRequest(db, hash)).rows;
      if (row === undefined || row.client_id !== clientId || row.used_at !== null || Number(row.expires_at) <= at) return null;
      const found = { hash, clientId, parameters: row.parameters };
      if (row.opened_at !== null) return { ...found, expiresAt: Number(row.expires_at) };
      const opening = db.updateTable("pushed_requests").set({ opened_at: at, expires_at: openUntil });
      await opening.where("hash", "=", hash).where("opened_at", "is", null).execute();
      return { ...found, expiresAt: openUntil };
    },

    async use(hash, at) {
      const using = db.updateTable("pushed_requests").set({ used_at: at }).where("hash", "=", hash);
      const { numUpdatedRows } = await using.where("used_at", "is", null).where("expires_at", ">", at).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
  };
}
