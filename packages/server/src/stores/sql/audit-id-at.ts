import type { Kysely } from "kysely";
import type { Database } from "./schema.ts";

/** So few are read one by one: less work than ten more questions. */
const FEW = 1000;

/**
 * The number from which on events are of this time or later. Found by halves, some ten look-ups in a million: numbers
 * and times rise together, so that an index of times would cost every write and tell nothing new. `notBefore`: the number
 * of an earlier time.
 */
export async function auditIdAt(db: Kysely<Database>, time: number, notBefore = 1): Promise<number> {
  const { last } = await db.selectFrom("audit").select((eb) => eb.fn.max("id").as("last")).executeTakeFirstOrThrow();
  let from = notBefore;
  let to = Number(last ?? 0) + 1;
  while (to - from > FEW) {
    const middle = Math.floor((from + to) / 2);
    // What stood there may have been dropped: then the next that is left.
    const row = await firstFrom(db, middle).executeTakeFirst();
    if (row === undefined || Number(row.at) >= time) to = middle;
    else from = Number(row.id) + 1;
  }
  const found = await firstFrom(db, from).where("id", "<", to).where("at", ">=", time).executeTakeFirst();
  return found === undefined ? to : Number(found.id);
}

function firstFrom(db: Kysely<Database>, id: number) {
  return db.selectFrom("audit").select(["id", "at"]).where("id", ">=", id).orderBy("id").limit(1);
}
