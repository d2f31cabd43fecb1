import type { Kysely } from "kysely";
import type { ClientStore } from "../../clients/client-store.ts";
import type { Client } from "../../clients/client.ts";
import type { Registration } from "../../clients/registration.ts";
import type { SelfRegistered } from "../../clients/self-registered/self-registered.ts";
import { appendAudit } from "./append.ts";
import { builtOnce } from "./built-once.ts";
import type { Database } from "./schema.ts";
import type { ClientRow } from "./tables/clients.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";

const readClient = builtOnce((db) => db.selectFrom("clients").selectAll().where("id", "=", ""));

/** What registrations of before did not know of yet. */
const BEFORE = { roles: [], dpopBoundAccessTokens: false, requirePushedAuthorizationRequests: false };

export function createSqlClientStore(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  { locksRows }: Pick<SqlEngine, "locksRows">,
): ClientStore {
  return {
    async create(client, audit) {
      return db.transaction().execute(async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto("clients")
          .values(toClientRow(client))
          .onConflict((conflict) => conflict.column("id").doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return false;
        await appendAudit(trx, audit);
        return true;
      });
    },

    async find(id) {
      const [row] = (await readClient(db, id)).rows;
      return row === undefined ? null : toClient(row);
    },

    async findAll(ids) {
      if (ids.length === 0) return [];
      return (await db.selectFrom("clients").selectAll().where("id", "in", ids).execute()).map(toClient);
    },

    async list({ after, limit }) {
      let query = db.selectFrom("clients").selectAll().orderBy("id").limit(limit);
      if (after !== undefined) query = query.where("id", ">", after);
      return (await query.execute()).map(toClient);
    },

    async replaceSecret(id, secretHash, audit) {
      return db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable("clients")
          .set({ secret_hash: secretHash })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return null;
        await appendAudit(trx, audit);
        return toClient(row);
      });
    },

    async update(id, change) {
      return db.transaction().execute(async (trx) => {
        let current = trx.selectFrom("clients").selectAll().where("id", "=", id);
        if (locksRows) current = current.forUpdate();
        const row = await current.executeTakeFirst();
        if (row === undefined) return null;
        const { client, audit, revocation } = change(toClient(row));
        const { name, guard, token_version, registration, self_registered } = toClientRow(client);
        await trx.updateTable("clients").set({ name, guard, token_version, registration, self_registered }).where("id", "=", id).execute();
        await appendAudit(trx, audit);
        return { client, entry: revocation === undefined ? null : await appendRevocation(trx, revocation) };
      });
    },

    async delete(id, { audit, revocation }) {
      return db.transaction().execute(async (trx) => {
        const row = await trx.deleteFrom("clients").where("id", "=", id).returningAll().executeTakeFirst();
        if (row === undefined) return null;
        const client = toClient(row);
        // Those that were redeemed tell still which tokens there are to be revoked.
        await trx.deleteFrom("authorization_codes").where("client_id", "=", id).where("redeemed_at", "is", null).execute();
        await trx.deleteFrom("consents").where("client_id", "=", id).execute();
        await appendAudit(trx, audit);
        const draft = revocation(client);
        return { client, entry: draft && (await appendRevocation(trx, draft)) };
      });
    },
  };
}

function toClient(row: ClientRow): Client {
  return {
    id: row.id,
    name: row.name,
    guard: row.guard === 1,
    secretHash: row.secret_hash.length === 0 ? null : new Uint8Array(row.secret_hash),
    createdAt: Number(row.created_at),
    tokenVersion: row.token_version,
    registration: row.registration === null ? null : { ...BEFORE, ...(JSON.parse(row.registration) as Registration) },
    ...(row.self_registered === null ? {} : { selfRegistered: toSelfRegistered(row.self_registered, row.used_at) }),
  };
}

function toSelfRegistered(text: string, usedAt: number | null): SelfRegistered {
  return { ...(JSON.parse(text) as Omit<SelfRegistered, "usedAt">), usedAt: usedAt === null ? null : Number(usedAt) };
}

export function toClientRow(client: Client): ClientRow {
  return {
    id: client.id,
    name: client.name,
    guard: client.guard ? 1 : 0,
    secret_hash: client.secretHash ?? new Uint8Array(0),
    created_at: client.createdAt,
    token_version: client.tokenVersion,
    registration: client.registration === null ? null : JSON.stringify(client.registration),
    self_registered: client.selfRegistered === undefined ? null : JSON.stringify({ ...client.selfRegistered, usedAt: undefined }),
    used_at: client.selfRegistered?.usedAt ?? null,
  };
}
