import type { ExpressionBuilder, Kysely, SqlBool } from "kysely";
import type { PendingKey, PendingRow, SecondFactorStore } from "../../second-factors/second-factor-store.ts";
import { toPending, toPendingRow } from "./factor-rows.ts";
import type { Database } from "./schema.ts";
import type { SqlEngine } from "./sql-engine.ts";

type PendingMethods = Pick<SecondFactorStore, "begin" | "look" | "countTry" | "setChallenge" | "take" | "dropExpired">;

export function createSqlPendingRows(db: Kysely<Database>, { isAmong }: Pick<SqlEngine, "isAmong">): PendingMethods {
  return {
    async begin(pending) {
      await db.insertInto("pending_sign_ins").values(toPendingRow(pending)).execute();
    },

    async look(key) {
      const row = await db.selectFrom("pending_sign_ins").selectAll().where(isIt(key)).executeTakeFirst();
      return row === undefined ? null : toPending(row);
    },

    async countTry(key, most) {
      const row = await db
        .updateTable("pending_sign_ins")
        .set((eb) => ({ tries: eb("tries", "+", 1) }))
        .where(isIt(key))
        .where("tries", "<", most)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : toPending(row);
    },

    async setChallenge(key, challenge) {
      const { numUpdatedRows } = await db.updateTable("pending_sign_ins").set({ challenge }).where(isIt(key)).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    take: (key) => deletePending(db, key),

    async dropExpired(before, limit) {
      const over = db.selectFrom("pending_sign_ins").select("hash").where("expires_at", "<", before).orderBy("expires_at").limit(limit);
      const { numDeletedRows } = await db.deleteFrom("pending_sign_ins").where(isAmong("hash", over)).executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** For exactly one caller. */
export async function deletePending(db: Kysely<Database>, key: PendingKey): Promise<PendingRow | null> {
  const row = await db.deleteFrom("pending_sign_ins").where(isIt(key)).returningAll().executeTakeFirst();
  return row === undefined ? null : toPending(row);
}

function isIt({ hash, kind, userId, browserHash, now }: PendingKey) {
  return (eb: ExpressionBuilder<Database, "pending_sign_ins">) =>
    eb.and([
      eb("hash", "=", hash),
      eb("kind", "=", kind),
      ...(userId === null ? [] : [eb("user_id", "=", userId)]),
      browserHash === null ? eb("browser_hash", "is", null) : eb("browser_hash", "=", browserHash),
      eb("expires_at", ">", now),
    ]) satisfies { readonly expressionType?: SqlBool | undefined };
}
