import type { Compilable, CompiledQuery, DialectAdapter, Kysely, QueryResult } from "kysely";
import type { Database } from "./schema.ts";

/** Runs the query with these values, in the order in which they stand in it, on the database or inside a transaction. */
export type BuiltQuery<Row> = (db: Kysely<Database>, ...values: unknown[]) => Promise<QueryResult<Row>>;

/** An adapter whose engine has a shorter way for reads outside of transactions than kysely's. */
export interface ShortCutReads extends DialectAdapter {
  /** The rows; null if the shorter way is not open now. */
  read(sql: string, parameters: readonly unknown[]): Promise<unknown[] | null> | null;
}

/**
 * A query that is built once for each database: building one anew costs many times what running it does. What `build` gives
 * for its values stands for any.
 */
export function builtOnce<Row>(build: (db: Kysely<Database>) => Compilable<Row>): BuiltQuery<Row> {
  // A database and its transactions have one adapter.
  const built = new WeakMap<DialectAdapter, CompiledQuery<Row>>();
  return async (db, ...parameters) => {
    const { adapter } = db.getExecutor();
    let query = built.get(adapter);
    if (query === undefined) built.set(adapter, (query = build(db).compile()));
    const rows = hasShortCut(adapter) && isRead(query) ? adapter.read(query.sql, parameters) : null;
    const read = rows === null ? null : await rows;
    return read === null ? db.executeQuery<Row>({ ...query, parameters }) : { rows: read as Row[] };
  };
}

function hasShortCut(adapter: DialectAdapter): adapter is ShortCutReads {
  return "read" in adapter;
}

function isRead({ query }: CompiledQuery): boolean {
  return query.kind === "SelectQueryNode";
}

/** The same for statements about several rows at once: built once for each number of them. */
export function builtOnceFor<Row>(
  build: (db: Kysely<Database>, count: number) => Compilable<Row>,
): (db: Kysely<Database>, count: number, ...values: unknown[]) => Promise<QueryResult<Row>> {
  const built = new Map<number, BuiltQuery<Row>>();
  return (db, count, ...values) => {
    let query = built.get(count);
    if (query === undefined) built.set(count, (query = builtOnce((each) => build(each, count))));
    return query(db, ...values);
  };
}

/** As many rows as `count` says, each with these columns, for a statement that is only built. */
export function rowsLike<Row extends object>(row: Row, count: number): Row[] {
  return Array.from({ length: count }, () => row);
}

/** The values of rows, in the order in which their statement names the columns. */
export function valuesOf(rows: readonly object[]): unknown[] {
  return rows.flatMap((row): unknown[] => Object.values(row));
}
