import { CompiledQuery } from "kysely";
import type { Kysely } from "kysely";
import { lazyCounter } from "../../limits/lazy-counter.ts";
import type { LimitStore } from "../../limits/limit-store.ts";
import { inGroups } from "./in-groups.ts";
import type { Database } from "./schema.ts";
import type { SqlEngine } from "./sql-engine.ts";

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface Result {
  readonly rows: unknown[];
  readonly rowCount: number;
}

/** The library's statements for Postgres, which SQLite understands as well but for the form of their parameters. */
export function createSqlLimitStore(db: Kysely<Database>, engine: Pick<SqlEngine, "locksRows" | "isAmong">): LimitStore {
  const client = { query: engine.locksRows ? (query: Query) => run(db, query) : together(db) };
  return {
    counter: ({ name, tries, windowSeconds }) =>
      lazyCounter(async () => {
        const { RateLimiterPostgres } = await import("rate-limiter-flexible");
        return new RateLimiterPostgres({
          storeClient: client,
          storeType: "client",
          tableName: "limits",
          tableCreated: true,
          clearExpiredByTimeout: false,
          keyPrefix: name,
          points: tries,
          duration: windowSeconds,
        });
      }),

    async dropExpired(before, limit) {
      const over = db.selectFrom("limits").select("key").where("expire", "<", before).orderBy("expire").limit(limit);
      const dropped = await db.deleteFrom("limits").where(engine.isAmong("key", over)).executeTakeFirstOrThrow();
      return Number(dropped.numDeletedRows);
    },
  };
}

/** One writer at a time, who waits for the disk: the counts of a try, and of tries that come together, wait once. */
function together(db: Kysely<Database>): (query: Query) => Promise<Result> {
  return inGroups(async (queries: readonly Query[]) => {
    const results = new Map<Query, Result>();
    await db.transaction().execute(async (trx) => {
      for (const query of queries) results.set(query, await run(trx, forSqlite(query)));
    });
    return (query) => results.get(query) as Result;
  });
}

async function run(db: Kysely<Database>, { text, values }: Query): Promise<Result> {
  const { rows, numAffectedRows } = await db.executeQuery(CompiledQuery.raw(text, [...values]));
  return { rows, rowCount: rows.length || Number(numAffectedRows ?? 0) };
}

/** `$1` may stand several times; `?` takes the values as they come. */
function forSqlite({ text, values }: Query): Query {
  const inOrder: unknown[] = [];
  const questions = text.replace(/\$(\d)/g, (_, number: string) => {
    inOrder.push(values[Number(number) - 1]);
    return "?";
  });
  return { text: questions, values: inOrder };
}
