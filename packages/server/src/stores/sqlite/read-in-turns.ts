import type { SqliteDatabase } from "kysely";

/** A read that waits for the end of the turn, for all who have asked for it. */
interface Read {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly resolve: (rows: unknown[] | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads that come in one turn of the event loop are done together when it has brought what it brings: taking and leaving the
 * database's lock costs as much as a read, and what many ask for by the same key, such as a guard's credentials, is read
 * once. Each is begun after it was asked for. Resolves to null if somebody has the connection to themselves, perhaps inside a
 * transaction: then the read has to wait for its turn on it.
 */
export function readInTurns(database: SqliteDatabase, isTaken: () => boolean) {
  let waiting: Read[] = [];
  let byKey = new Map<string, Map<unknown, Promise<unknown[] | null>>>();
  const [begin, end] = [database.prepare("begin"), database.prepare("commit")];

  function work(): void {
    const reads = waiting;
    waiting = [];
    byKey = new Map();
    if (isTaken()) return reads.forEach(({ resolve }) => resolve(null));
    const together = reads.length > 1;
    try {
      if (together) begin.run([]);
      for (const read of reads) carryOut(read);
      if (together) end.run([]);
    } catch (error) {
      // Those that have got what they asked for hear nothing of it.
      for (const { reject } of reads) reject(error);
    }
  }

  function carryOut({ sql, parameters, resolve, reject }: Read): void {
    try {
      resolve(database.prepare(sql).all(parameters));
    } catch (error) {
      reject(error);
    }
  }

  function add(sql: string, parameters: readonly unknown[]): Promise<unknown[] | null> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown[] | null>();
    if (waiting.length === 0) setImmediate(work);
    waiting.push({ sql, parameters, resolve, reject });
    return promise;
  }

  return (sql: string, parameters: readonly unknown[]): Promise<unknown[] | null> | null => {
    if (isTaken()) return null;
    if (parameters.length !== 1) return add(sql, parameters);
    const alike = byKey.get(sql) ?? new Map<unknown, Promise<unknown[] | null>>();
    byKey.set(sql, alike);
    const [key] = parameters;
    const known = alike.get(key);
    if (known !== undefined) return known;
    const read = add(sql, parameters);
    alike.set(key, read);
    return read;
  };
}
