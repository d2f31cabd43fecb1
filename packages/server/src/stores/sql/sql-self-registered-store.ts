import type { Kysely } from "kysely";
import type { InitialAccessToken, SelfRegisteredStore } from "../../clients/self-registered/self-registered-store.ts";
import { appendAudit } from "./append.ts";
import type { Database } from "./schema.ts";
import type { InitialAccessTokenRow } from "./tables/clients.ts";
import { toClientRow } from "./sql-client-store.ts";
import type { SqlEngine } from "./sql-engine.ts";

export function createSqlSelfRegisteredStore(db: Kysely<Database>, { isAmong }: Pick<SqlEngine, "isAmong">): SelfRegisteredStore {
  return {
    async register(client, audit, spends) {
      return db.transaction().execute(async (trx) => {
        if (spends !== null && !(await spend(trx, spends))) return false;
        await trx.insertInto("clients").values(toClientRow(client)).execute();
        await appendAudit(trx, audit);
        return true;
      });
    },

    async keepDocument(client, audit) {
      const row = toClientRow(client);
      const { name, registration, self_registered } = row;
      return db.transaction().execute(async (trx) => {
        const made = await trx
          .insertInto("clients")
          .values(row)
          .onConflict((conflict) => conflict.column("id").doNothing())
          .executeTakeFirstOrThrow();
        if (made.numInsertedOrUpdatedRows === 1n) {
          await appendAudit(trx, audit);
          return true;
        }
        // By an id that is an address there can be nobody else.
        await trx.updateTable("clients").set({ name, registration, self_registered }).where("id", "=", row.id).execute();
        return false;
      });
    },

    async noteUsed(id, at) {
      await db
        .updateTable("clients")
        .set({ used_at: at })
        .where("id", "=", id)
        .where("self_registered", "is not", null)
        .where("used_at", "is", null)
        .execute();
    },

    async dropUnused({ madeBefore, expiredBefore }, limit) {
      const unused = db
        .selectFrom("clients")
        .select("id")
        .where("self_registered", "is not", null)
        .where("used_at", "is", null)
        .where("created_at", "<", madeBefore)
        .orderBy("created_at")
        .limit(limit);
      const over = db
        .selectFrom("initial_access_tokens")
        .select("id")
        .where("expires_at", "<", expiredBefore)
        .orderBy("expires_at")
        .limit(limit);
      return db.transaction().execute(async (trx) => {
        const dropped = await trx.deleteFrom("clients").where(isAmong("id", unused)).returning("id").execute();
        const ids = dropped.map(({ id }) => id);
        // What users allowed them and came to nothing.
        if (ids.length > 0) await trx.deleteFrom("consents").where("client_id", "in", ids).execute();
        const { numDeletedRows } = await trx.deleteFrom("initial_access_tokens").where(isAmong("id", over)).executeTakeFirstOrThrow();
        return Math.max(ids.length, Number(numDeletedRows));
      });
    },

    async keepToken(token, audit) {
      await db.transaction().execute(async (trx) => {
        await trx.insertInto("initial_access_tokens").values(toRow(token)).execute();
        await appendAudit(trx, audit);
      });
    },

    async isGood(hash, at) {
      const found = await db
        .selectFrom("initial_access_tokens")
        .select("id")
        .where("hash", "=", hash)
        .where("expires_at", ">", at)
        .where("uses_left", ">", 0)
        .executeTakeFirst();
      return found !== undefined;
    },

    async listTokens(at) {
      const rows = await db
        .selectFrom("initial_access_tokens")
        .selectAll()
        .where("expires_at", ">", at)
        .where("uses_left", ">", 0)
        .orderBy("created_at")
        .orderBy("id")
        .execute();
      return rows.map(toToken);
    },

    async deleteToken(id, audit) {
      return db.transaction().execute(async (trx) => {
        const { numDeletedRows } = await trx.deleteFrom("initial_access_tokens").where("id", "=", id).executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return false;
        await appendAudit(trx, audit);
        return true;
      });
    },
  };
}

/** True for as many callers as it has uses left, however many there are at once. */
async function spend(trx: Kysely<Database>, { hash, at }: { hash: string; at: number }): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("initial_access_tokens")
    .set(({ eb }) => ({ uses_left: eb("uses_left", "-", 1) }))
    .where("hash", "=", hash)
    .where("expires_at", ">", at)
    .where("uses_left", ">", 0)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

function toRow({ id, hash, name, createdAt, expiresAt, usesLeft }: InitialAccessToken): InitialAccessTokenRow {
  return { id, hash, name, created_at: createdAt, expires_at: expiresAt, uses_left: usesLeft };
}

function toToken({ id, hash, name, created_at, expires_at, uses_left }: InitialAccessTokenRow): InitialAccessToken {
  return { id, hash, name, createdAt: Number(created_at), expiresAt: Number(expires_at), usesLeft: uses_left };
}
