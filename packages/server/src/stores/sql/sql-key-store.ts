import type { Kysely } from "kysely";
import type { KeyRing, KeyStore } from "../../keys/key-store.ts";
import { appendAudits } from "./append.ts";
import { toKeyRow, toStoredKey } from "./key-row.ts";
import type { Database } from "./schema.ts";
import type { AppendRevocation } from "./sql-engine.ts";

export function createSqlKeyStore(db: Kysely<Database>, appendRevocation: AppendRevocation): KeyStore {
  return {
    read: () => readKeyRing(db),

    async revision() {
      return Number((await readRingRow(db)).revision);
    },

    async write({ revision, secretId, dataKey, keys, revocations, audit }) {
      return db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable("key_ring")
          .set({ revision: revision + 1, secret_id: secretId, ...(dataKey === undefined ? {} : { data_key: dataKey }) })
          .where("id", "=", 1)
          .where("revision", "=", revision)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return null;
        for (const key of keys) {
          const { id, ...row } = toKeyRow(key);
          await trx
            .insertInto("keys")
            .values({ id, ...row })
            .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
            .execute();
        }
        if (audit.length > 0) await appendAudits(trx, audit);
        // Last, because it waits for others.
        const entries = [];
        for (const draft of revocations) entries.push(await appendRevocation(trx, draft));
        return entries;
      });
    },
  };
}

export async function readKeyRing(db: Kysely<Database>): Promise<KeyRing> {
  // In this order: a change in between leaves a revision that is too old, which is noticed, never one too new.
  const ring = await readRingRow(db);
  const keys = await db.selectFrom("keys").selectAll().orderBy("created_at").orderBy("id").execute();
  return { revision: Number(ring.revision), secretId: ring.secret_id, dataKey: ring.data_key, keys: keys.map(toStoredKey) };
}

function readRingRow(db: Kysely<Database>) {
  return db.selectFrom("key_ring").selectAll().where("id", "=", 1).executeTakeFirstOrThrow();
}
