import type { Kysely } from "kysely";
import type { DeviceRequest, DeviceRequestStore } from "../../oauth/oauth-store.ts";
import { appendAudit } from "./append.ts";
import { builtOnce } from "./built-once.ts";
import type { Database } from "./schema.ts";
import type { DeviceRequestRow } from "./tables/oauth.ts";
import { keepCodes } from "./sql-code-store.ts";
import type { SqlEngine } from "./sql-engine.ts";

const readRequest = builtOnce((db) => db.selectFrom("device_requests").selectAll().where("hash", "=", ""));

export function createSqlDeviceRequestStore(db: Kysely<Database>, { locksRows }: Pick<SqlEngine, "locksRows">): DeviceRequestStore {
  return {
    async keep(request) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("device_requests")
        .values(toRow(request))
        .onConflict((conflict) => conflict.column("user_code").doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },

    async find(hash) {
      const [row] = (await readRequest(db, hash)).rows;
      return row === undefined ? null : toRequest(row);
    },

    async findByUserCode(userCode) {
      const row = await db.selectFrom("device_requests").selectAll().where("user_code", "=", userCode).executeTakeFirst();
      return row === undefined ? null : toRequest(row);
    },

    poll: (hash, at, pace) =>
      db.transaction().execute(async (trx) => {
        let current = trx.selectFrom("device_requests").selectAll().where("hash", "=", hash);
        if (locksRows) current = current.forUpdate();
        const row = await current.executeTakeFirst();
        if (row === undefined) return null;
        const request = toRequest(row);
        const paced = trx.updateTable("device_requests").set({ polled_at: at, interval_seconds: pace(request) });
        await paced.where("hash", "=", hash).execute();
        return request;
      }),

    allow: (code, { signOn, audit }) =>
      db.transaction().execute(async (trx) => {
        if (!(await decide(trx, code.hash, "allow"))) return false;
        await keepCodes(trx, [{ code, signOn, audit }]);
        return true;
      }),

    deny: (hash, audit) =>
      db.transaction().execute(async (trx) => {
        if (!(await decide(trx, hash, "deny"))) return false;
        await appendAudit(trx, audit);
        return true;
      }),
  };
}

async function decide(trx: Kysely<Database>, hash: string, decision: "allow" | "deny"): Promise<boolean> {
  const deciding = trx.updateTable("device_requests").set({ decision }).where("hash", "=", hash).where("decision", "is", null);
  const { numUpdatedRows } = await deciding.executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

function toRequest(row: DeviceRequestRow): DeviceRequest {
  return {
    hash: row.hash,
    userCode: row.user_code,
    clientId: row.client_id,
    scopes: words(row.scope),
    resources: words(row.resources),
    ip: row.ip,
    userAgent: row.user_agent,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    intervalSeconds: row.interval_seconds,
    polledAt: row.polled_at === null ? null : Number(row.polled_at),
    decision: row.decision as DeviceRequest["decision"],
  };
}

function toRow(request: DeviceRequest): DeviceRequestRow {
  return {
    hash: request.hash,
    user_code: request.userCode,
    client_id: request.clientId,
    scope: request.scopes.join(" "),
    resources: request.resources.join(" "),
    ip: request.ip,
    user_agent: request.userAgent,
    created_at: request.createdAt,
    expires_at: request.expiresAt,
    interval_seconds: request.intervalSeconds,
    polled_at: request.polledAt,
    decision: request.decision,
  };
}

/** Neither scopes nor URIs have spaces in them. */
function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
