import pg from "pg";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import { storeUnavailable } from "../../errors.ts";
import { inTime } from "../../in-time.ts";

/** Times in milliseconds. */
export interface PoolOptions {
  readonly url: string;
  readonly size: number;
  /**
   * How long whoever asks waits in all: for a connection, a free one of the pool or a new one, and for everything that
   * is then asked on it. It also bounds the queue.
   */
  readonly operationMs: number;
  /** How long a connection may take to be made. Default: `operationMs`. */
  readonly connectMs?: number;
}

/**
 * A pool of connections that answers or fails in bounded time, whatever the database or the network does: every failure
 * to do what was asked is the store's error, and a connection that did not answer is never used again.
 */
export interface Pool extends PostgresPool {
  connect(): Promise<PoolClient>;
  /** One statement on a connection of its own. */
  run(statement: Statement): Promise<pg.QueryResult<Row>>;
}

export interface PoolClient extends PostgresPoolClient {
  run(statement: Statement): Promise<pg.QueryResult<Row>>;
}

/** A statement with a name is parsed once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

export type Row = Record<string, unknown>;

const INT8: number = pg.types.builtins.INT8;

/** bigint columns hold times and counters, all far below 2^53. */
const TYPES = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as never,
};

export function createPool({ url, size, operationMs, connectMs = operationMs }: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: connectMs,
    // The server stops working on what nobody waits for any more.
    statement_timeout: operationMs,
    idle_in_transaction_session_timeout: 10 * operationMs,
    keepAlive: true,
    application_name: "ostiary",
    types: TYPES,
  });
  // A connection that breaks is simply gone: what was asked on it is refused, and the next one will tell.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));

  async function connect(): Promise<PoolClient> {
    const deadline = performance.now() + operationMs;
    return guarded(await pool.connect().catch(refuse), deadline);
  }

  return {
    options: pool.options,
    connect,
    end: () => pool.end(),
    async run(statement) {
      const client = await connect();
      try {
        return await client.run(statement);
      } finally {
        client.release();
      }
    },
  };
}

/** What Postgres says when it answers that a transaction is committed, and its standby has not confirmed it. */
const NOT_REPLICATED = "SyncRepWaitForLSN";

/** The client as kysely uses it, which remembers whether its connection can still be trusted. */
function guarded(client: pg.PoolClient, deadline: number): PoolClient {
  let broken = false;
  let replicated = true;
  const listen = ({ routine }: { routine?: string | undefined }): void => {
    if (routine === NOT_REPLICATED) replicated = false;
  };
  client.on("notice", listen);

  const ask = async (query: string | Statement, values: unknown[] = []): Promise<pg.QueryResult<Row>> => {
    const ms = deadline - performance.now();
    if (ms <= 0) throw storeUnavailable(new Error("There was no time left to ask Postgres."));
    try {
      const asked = typeof query === "string" ? client.query<Row>(query, values) : client.query<Row>(query);
      const result = await inTime(ms, "Postgres", asked);
      // It is there, but a failover would lose it: nobody is to rely on it.
      if (!replicated) throw new Error("The standby did not confirm the commit.");
      return result;
    } catch (error) {
      // Without an SQLSTATE it is not the database that answered: the connection is lost, or still busy.
      broken ||= sqlState(error) === null;
      return refuse(error);
    }
  };
  return {
    query: ask as unknown as PostgresPoolClient["query"],
    run: (statement) => ask(statement),
    release(destroy) {
      client.off("notice", listen);
      client.release(broken || destroy === true);
    },
  };
}

/** Faulty SQL, values and constraints are ours to mend; everything else is a store that cannot do it now. */
const OUR_FAULT = /^(?:0A|21|22|23|2F|42)/;

function refuse(error: unknown): never {
  const state = sqlState(error);
  if (state !== null && OUR_FAULT.test(state)) throw error;
  throw storeUnavailable(error);
}

function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return /^[0-9A-Z]{5}$/.test(error.code) && error instanceof pg.DatabaseError ? error.code : null;
}
