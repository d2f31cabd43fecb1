/**
 * The rotations of sessions, and the limits, in Redis or Valkey, beside a SQL database that keeps everything else.
 * Owns the value of a session's key, its compare-and-swap, and the connection. That a session exists, whose it is and
 * that it has ended, the database knows alone: whatever Redis loses, nothing that was revoked comes back by it.
 */
import { OstiaryError, StartError } from "../../errors.ts";
import type { SqlStore } from "../sql/sql-store.ts";
import type { Store } from "../store.ts";
import { createConnection, START_LIMITS } from "./connection.ts";
import { openClient } from "./open-client.ts";
import type { RedisClient } from "./open-client.ts";
import { createRedisLimitStore } from "./redis-limit-store.ts";
import { createRedisSessionStore } from "./redis-session-store.ts";

/** Looked for, not kept: that it is answered is what counts. */
const CHECK_KEY = "ostiary:check";

/** `url` is one `redis://…` or `rediss://…`, or several of one cluster with commas between. Throws a StartError. */
export async function openRedis(url: string, sql: SqlStore): Promise<Store> {
  const connection = createConnection(openClient(url));
  const look = (client: RedisClient): Promise<unknown> => client.get(CHECK_KEY);
  try {
    await connection.run(look, START_LIMITS);
  } catch (error) {
    await connection.close();
    throw unusable(url, error);
  }
  return {
    users: sql.users,
    sessions: createRedisSessionStore(connection, sql.ledger),
    clients: sql.clients,
    selfRegistered: sql.selfRegistered,
    keys: sql.keys,
    revocations: sql.revocations,
    audit: sql.audit,
    limits: createRedisLimitStore(connection),
    oauth: sql.oauth,
    federation: sql.federation,
    apiKeys: sql.apiKeys,
    mail: sql.mail,
    secondFactors: sql.secondFactors,
    async check() {
      await Promise.all([sql.check(), connection.run(look)]);
    },
    async close() {
      await connection.close();
      await sql.close();
    },
  };
}

export function unusable(url: string, error: unknown): StartError {
  const cause = error instanceof OstiaryError ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const where = url.split(",").map((one) => URL.parse(one)?.host ?? "?").join(", ");
  return new StartError(`The Redis at ${where} cannot be used (${why}): check OSTIARY_REDIS_URL.`, { cause: error });
}
