import type { Kysely } from "kysely";
import { USE_NOTED_EVERY_MS } from "../../api-keys/api-key-store.ts";
import type { ApiKeyStore } from "../../api-keys/api-key-store.ts";
import { endOf, ownerIds } from "../../api-keys/api-key.ts";
import type { ApiKey } from "../../api-keys/api-key.ts";
import { appendAudit } from "./append.ts";
import { builtOnce } from "./built-once.ts";
import type { Database } from "./schema.ts";
import type { ApiKeyRow } from "./tables/api-keys.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";

const readKey = builtOnce((db) => db.selectFrom("api_keys").selectAll().where("id", "=", ""));

export function createSqlApiKeyStore(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  { locksRows, isAmong }: Pick<SqlEngine, "locksRows" | "isAmong">,
): ApiKeyStore {
  /** The row, that nobody else changes before the transaction has ended. */
  async function heldKey(trx: Kysely<Database>, id: string): Promise<ApiKey | null> {
    let held = trx.selectFrom("api_keys").selectAll().where("id", "=", id);
    if (locksRows) held = held.forUpdate();
    const row = await held.executeTakeFirst();
    return row === undefined ? null : toApiKey(row);
  }

  /** Whoever is just being disabled or deleted has no key made for them. */
  async function hasOwner(trx: Kysely<Database>, { owner }: ApiKey): Promise<boolean> {
    let found =
      "userId" in owner
        ? trx.selectFrom("users").select("id").where("id", "=", owner.userId).where("disabled_at", "is", null)
        : trx.selectFrom("clients").select("id").where("id", "=", owner.clientId);
    if (locksRows) found = found.forShare();
    return (await found.executeTakeFirst()) !== undefined;
  }

  return {
    async create(key, audit) {
      return db.transaction().execute(async (trx) => {
        if (!(await hasOwner(trx, key))) return false;
        await trx.insertInto("api_keys").values(toApiKeyRow(key)).execute();
        await appendAudit(trx, audit);
        return true;
      });
    },

    async find(id) {
      const [row] = (await readKey(db, id)).rows;
      return row === undefined ? null : toApiKey(row);
    },

    async list({ owner, after, limit }) {
      let query = db.selectFrom("api_keys").selectAll().orderBy("id").limit(limit);
      if (owner !== undefined) {
        query = "userId" in owner ? query.where("user_id", "=", owner.userId) : query.where("client_id", "=", owner.clientId);
      }
      if (after !== undefined) query = query.where("id", ">", after);
      return (await query.execute()).map(toApiKey);
    },

    async rotate(id, change) {
      return db.transaction().execute(async (trx) => {
        const current = await heldKey(trx, id);
        if (current === null) return null;
        const { key, audit, revocations } = change(current);
        await trx.updateTable("api_keys").set(secretsOf(key)).where("id", "=", id).execute();
        await appendAudit(trx, audit);
        const entries = [];
        for (const draft of revocations) entries.push(await appendRevocation(trx, draft));
        return { key, entries };
      });
    },

    async revoke(id, { at, revocation, audit }) {
      return db.transaction().execute(async (trx) => {
        const current = await heldKey(trx, id);
        if (current === null || current.revokedAt !== null) return current && { key: current, entry: null };
        const key = { ...current, revokedAt: at };
        await trx.updateTable("api_keys").set({ revoked_at: at, ends_at: endOf(key) }).where("id", "=", id).execute();
        await appendAudit(trx, audit(key));
        return { key, entry: await appendRevocation(trx, revocation) };
      });
    },

    async noteUse(id, at) {
      await db
        .updateTable("api_keys")
        .set({ last_used_at: at })
        .where("id", "=", id)
        .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<=", at - USE_NOTED_EVERY_MS)]))
        .execute();
    },

    async dropEnded(before, limit) {
      const over = db.selectFrom("api_keys").select("id").where("ends_at", "<", before).orderBy("ends_at").limit(limit);
      const { numDeletedRows } = await db.deleteFrom("api_keys").where(isAmong("id", over)).executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** All of a user's keys end with the user; the log is told by the caller, once for all. */
export async function revokeApiKeyRows(trx: Kysely<Database>, userId: string, at: number): Promise<void> {
  await trx
    .updateTable("api_keys")
    .set((eb) => ({
      revoked_at: at,
      ends_at: eb.case().when("expires_at", "<", at).then(eb.ref("expires_at")).else(at).end(),
    }))
    .where("user_id", "=", userId)
    .where("revoked_at", "is", null)
    .execute();
}

function toApiKey(row: ApiKeyRow): ApiKey {
  const { previous_id: previousId, previous_hash: previousHash, previous_until: until } = row;
  return {
    id: row.id,
    name: row.name,
    owner: row.user_id === null ? { clientId: row.client_id ?? "" } : { userId: row.user_id },
    scopes: row.scope === "" ? [] : row.scope.split(" "),
    withRoles: row.with_roles === 1,
    secret: { id: row.secret_id, hash: new Uint8Array(row.secret_hash) },
    previous:
      previousId === null || previousHash === null || until === null
        ? null
        : { id: previousId, hash: new Uint8Array(previousHash), until: Number(until) },
    createdAt: Number(row.created_at),
    expiresAt: timeOrNull(row.expires_at),
    lastUsedAt: timeOrNull(row.last_used_at),
    revokedAt: timeOrNull(row.revoked_at),
  };
}

function toApiKeyRow(key: ApiKey): ApiKeyRow {
  const { userId, clientId } = ownerIds(key.owner);
  return {
    id: key.id,
    user_id: userId,
    client_id: clientId,
    name: key.name,
    scope: key.scopes.join(" "),
    with_roles: key.withRoles ? 1 : 0,
    ...secretsOf(key),
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
    ends_at: endOf(key),
  };
}

function secretsOf({ secret, previous }: ApiKey) {
  return {
    secret_id: secret.id,
    secret_hash: secret.hash,
    previous_id: previous?.id ?? null,
    previous_hash: previous?.hash ?? null,
    previous_until: previous?.until ?? null,
  };
}

/** Postgres has no numbers of 64 bits. */
function timeOrNull(value: number | null): number | null {
  return value === null ? null : Number(value);
}
