import type { Kysely } from "kysely";
import type { RevocationStore } from "../../revocation/revocation-store.ts";
import { appendAudit, toRevocationEntry } from "./append.ts";
import { builtOnce } from "./built-once.ts";
import type { Database } from "./schema.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";

const readEntries = builtOnce((db) => db.selectFrom("revocations").selectAll().where("seq", ">", 0).orderBy("seq").limit(1));

export function createSqlRevocationStore(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  engine: Pick<SqlEngine, "isAmong" | "watch">,
): RevocationStore {
  return {
    watch: engine.watch,

    async append(draft, audit) {
      return db.transaction().execute(async (trx) => {
        await appendAudit(trx, audit);
        return appendRevocation(trx, draft);
      });
    },

    async entriesAfter(seq, limit) {
      return (await readEntries(db, seq, limit)).rows.map(toRevocationEntry);
    },

    async dropExpired(now, limit) {
      const expired = db
        .selectFrom("revocations")
        .select("seq")
        .where("expires_at_seconds", "<=", now)
        .where("seq", "<", (all) => all.selectFrom("revocations").select((eb) => eb.fn.max("seq").as("newest")))
        .orderBy("expires_at_seconds")
        .limit(limit);
      return db.transaction().execute(async (trx) => {
        const dropped = await trx.deleteFrom("revocations").where(engine.isAmong("seq", expired)).executeTakeFirstOrThrow();
        return Number(dropped.numDeletedRows);
      });
    },

    async recordTokenLifetime(lifetimeSeconds, now) {
      await db.transaction().execute(async (trx) => {
        const previous = await trx.selectFrom("token_lifetimes").selectAll().where("id", "=", 1).executeTakeFirst();
        const earlierUntil = Math.max(
          Number(previous?.earlier_until_seconds ?? 0),
          previous === undefined ? 0 : now + previous.lifetime_seconds,
        );
        const row = { lifetime_seconds: lifetimeSeconds, earlier_until_seconds: earlierUntil };
        await trx
          .insertInto("token_lifetimes")
          .values({ id: 1, ...row })
          .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
          .execute();
      });
    },
  };
}
