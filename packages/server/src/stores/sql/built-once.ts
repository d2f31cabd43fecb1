import type { Compilable, CompiledQuery, DialectAdapter, Kysely, QueryResult } from "kysely";
import type { Database } from "./schema.ts";

/** Runs the query with these values, in the order in which they stand in it, on the database or inside a transaction. */
export type BuiltQuery<Row> = (db: Kysely<Database>, ...values: unknown[]) => Promise<QueryResult<Row>>;

/**
 * A query that is built once for each database: building one anew costs many times what running it does. What `build` gives
 * for its values stands for any.
 */
export function builtOnce<Row>(build: (db: Kysely<Database>) => Compilable<Row>): BuiltQuery<Row> {
  // A database and its transactions have one adapter.
  const built = new WeakMap<DialectAdapter, CompiledQuery<Row>>();
  return (db, ...parameters) => {
    const { adapter } = db.getExecutor();
    let query = built.get(adapter);
    if (query === undefined) built.set(adapter, (query = build(db).compile()));
    return db.executeQuery<Row>({ ...query, parameters });
  };
}
