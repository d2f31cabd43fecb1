import type { SqliteDatabase } from "kysely";

/** A read that waits for the end of the turn. */
interface Read {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly resolve: (rows: unknown[] | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads that come in one turn of the event loop are done one after the other when it has brought what it brings, under one
 * lock: taking and leaving the database's lock costs as much as a read. Each is begun after it was asked for. Resolves to null
 * if somebody has the connection to themselves, perhaps inside a transaction: then the read has to wait for its turn on it.
 */
export function readInTurns(database: SqliteDatabase, isTaken: () => boolean) {
  let waiting: Read[] = [];
  const [begin, commit] = [database.prepare("begin"), database.prepare("commit")];
  const rollback = database.prepare("rollback");

  function work(): void {
    const reads = waiting;
    waiting = [];
    if (isTaken()) return reads.forEach(({ resolve }) => resolve(null));
    if (reads.length === 1) return reads.forEach(carryOut);
    try {
      begin.run([]);
      reads.forEach(carryOut);
      commit.run([]);
    } catch (error) {
      leave();
      // Those that have got what they asked for hear nothing of it.
      for (const { reject } of reads) reject(error);
    }
  }

  /** A transaction that stayed open would be everybody's from then on. */
  function leave(): void {
    try {
      rollback.run([]);
    } catch {
      // There was none, or there is no database any more.
    }
  }

  function carryOut({ sql, parameters, resolve, reject }: Read): void {
    try {
      resolve(database.prepare(sql).all(parameters));
    } catch (error) {
      reject(error);
    }
  }

  return (sql: string, parameters: readonly unknown[]): Promise<unknown[] | null> | null => {
    if (isTaken()) return null;
    const { promise, resolve, reject } = Promise.withResolvers<unknown[] | null>();
    if (waiting.length === 0) setImmediate(work);
    waiting.push({ sql, parameters, resolve, reject });
    return promise;
  };
}
