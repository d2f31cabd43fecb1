import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { CompiledQuery, SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { DatabaseConnection, Dialect, Kysely, SqliteDatabase, SqliteStatement } from "kysely";
import { storeUnavailable } from "../../errors.ts";
import type { ShortCutReads } from "../sql/built-once.ts";
import { readInTurns } from "./read-in-turns.ts";

const SQLITE_BUSY = 5;
/** PERM, ABORT, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. */
const STORE_FAILURES = new Set([3, 4, SQLITE_BUSY, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26]);

/** How long a write waits for another process's, in milliseconds, before it is given up. */
const WRITE_WAIT_MS = 800;
const WRITE_RETRY_MS = 10;

/** Statements kept prepared. The server's are some dozens; the bound is for queries of varying length. */
const STATEMENTS_KEPT = 200;

/** kysely on `node:sqlite`, which it has no dialect for. */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  const asKysely = asKyselyDatabase(database);
  const connection: Connection = { isTaken: false };
  return {
    createAdapter: () => new NodeSqliteAdapter(asKysely, connection),
    createDriver: () => new NodeSqliteDriver(asKysely, connection),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** The one that there is: whether somebody has it to themselves, perhaps inside a transaction. */
interface Connection {
  isTaken: boolean;
}

class NodeSqliteAdapter extends SqliteAdapter implements ShortCutReads {
  readonly read: ShortCutReads["read"];

  constructor(database: SqliteDatabase, connection: Connection) {
    super();
    this.read = readInTurns(database, () => connection.isTaken);
  }

  /** SQLite does; with it, migrations run in one transaction and two processes cannot run them at once. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver extends SqliteDriver {
  readonly #connection: Connection;

  constructor(database: SqliteDatabase, connection: Connection) {
    super({ database });
    this.#connection = connection;
  }

  override acquireConnection(): Promise<DatabaseConnection> {
    this.#connection.isTaken = true;
    return super.acquireConnection();
  }

  override releaseConnection(): Promise<void> {
    this.#connection.isTaken = false;
    return super.releaseConnection();
  }

  /** Another process's write lock that is in our way: since when, and when it last was. */
  #blocked: { readonly since: number; readonly lastTried: number } | null = null;

  /** A deferred transaction fails at its first write if another process has written since; an immediate one waits. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite blocks, and a queue of transactions would be one turn of the event loop: no heartbeat, no answer in between.
    await turn();
    while (!(await this.#tryToBegin(connection))) await sleep(WRITE_RETRY_MS);
  }

  /**
   * False while another process writes; throws once it has done so for too long. All transactions queue for the one
   * connection, so the wait is counted once: whoever stood behind one that has given up has waited as long.
   */
  async #tryToBegin(connection: DatabaseConnection): Promise<boolean> {
    const blocked = this.#blocked;
    try {
      await connection.executeQuery(CompiledQuery.raw("begin immediate"));
      this.#blocked = null;
      return true;
    } catch (error) {
      if (!isBusy(error)) throw error;
      const now = performance.now();
      // If nobody has tried for a while, it may well be another lock.
      const since = blocked !== null && now - blocked.lastTried < WRITE_WAIT_MS ? blocked.since : now;
      this.#blocked = { since, lastTried: now };
      if (now - since > WRITE_WAIT_MS) throw error;
      return false;
    }
  }
}

function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const statement = asKyselyStatement(guarded(() => database.prepare(sql)));
      if (statements.size >= STATEMENTS_KEPT) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
  };
}

function asKyselyStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => guarded(() => statement.all(...(parameters as SQLInputValue[]))),
    run: (parameters) => guarded(() => statement.run(...(parameters as SQLInputValue[]))),
    iterate: (parameters) => guarded(() => statement.iterate(...(parameters as SQLInputValue[]))),
  };
}

/** Turns what SQLite cannot do (disk full, locked, corrupt, closed) into the store's error; faulty SQL stays as it is. */
export function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const code = primaryCode(error);
    throw (code !== null && STORE_FAILURES.has(code)) || isClosed(error) ? storeUnavailable(error) : error;
  }
}

/** Whether another connection's lock was in the way. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY;
}

function primaryCode(error: unknown): number | null {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error) || !("errcode" in cause) || typeof cause.errcode !== "number") return null;
  return cause.errcode & 0xff;
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_INVALID_STATE";
}
