import type { Kysely } from "kysely";
import type { Database } from "./schema.ts";

/**
 * The number from which on events are of this time or later. Found by halves, some twenty look-ups in a million: numbers
 * and times rise together, so that an index of times would cost every write and tell nothing new.
 */
export async function auditIdAt(db: Kysely<Database>, time: number): Promise<number> {
  const { last } = await db.selectFrom("audit").select((eb) => eb.fn.max("id").as("last")).executeTakeFirstOrThrow();
  const end = Number(last ?? 0) + 1;
  let from = 1;
  let to = end;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    // What stood there may have been dropped: then the next that is left.
    const row = await db
      .selectFrom("audit")
      .select(["id", "at"])
      .where("id", ">=", middle)
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined || Number(row.at) >= time) to = middle;
    else from = Number(row.id) + 1;
  }
  return from;
}
