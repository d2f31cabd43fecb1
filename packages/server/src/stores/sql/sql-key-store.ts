import type { Kysely, Selectable } from "kysely";
import type { KeyPurpose, KeyState, KeyStore, StoredKey } from "../../keys/key-store.ts";
import type { Database } from "./schema.ts";
import type { SqlEngine } from "./sql-engine.ts";

export function createSqlKeyStore(db: Kysely<Database>, { alone }: Pick<SqlEngine, "alone">): KeyStore {
  return {
    async list() {
      return (await db.selectFrom("keys").selectAll().orderBy("created_at").execute()).map(toStoredKey);
    },

    async ensureActive(candidate) {
      return db.transaction().execute(async (trx) => {
        await alone(trx, "keys");
        const rows = await trx
          .selectFrom("keys")
          .selectAll()
          .where("purpose", "=", candidate.purpose)
          .where("state", "=", "active")
          .execute();
        const active = rows.find((row) => row.algorithm === candidate.algorithm);
        if (active !== undefined) return toStoredKey(active);
        await trx
          .updateTable("keys")
          .set({ state: "retiring" })
          .where("purpose", "=", candidate.purpose)
          .where("state", "=", "active")
          .execute();
        await trx
          .insertInto("keys")
          .values({
            id: candidate.id,
            purpose: candidate.purpose,
            algorithm: candidate.algorithm,
            state: candidate.state,
            sealed: candidate.sealed,
            created_at: candidate.createdAt,
          })
          .execute();
        return candidate;
      });
    },
  };
}

function toStoredKey(row: Selectable<Database["keys"]>): StoredKey {
  return {
    id: row.id,
    purpose: row.purpose as KeyPurpose,
    algorithm: row.algorithm,
    state: row.state as KeyState,
    sealed: row.sealed,
    createdAt: Number(row.created_at),
  };
}
