import { sql } from "kysely";
import type { Kysely, RawBuilder, SqlBool } from "kysely";
import { searchTerms } from "../../users/search-terms.ts";
import type { FoundUser, UserSearch } from "../../users/user-store.ts";
import type { User } from "../../users/user.ts";
import type { Database } from "./schema.ts";
import { toUser } from "./user-row.ts";

/** The last of all characters: what begins with a text lies between it and itself with this behind. */
const LAST = "\u{10FFFF}";

/** Terms a statement inserts: both engines take so many parameters. */
const BATCH = 500;

/** Records what the user is found by from now on, inside the transaction that has made or changed them. */
export async function indexUser(trx: Kysely<Database>, user: User): Promise<void> {
  await trx.deleteFrom("user_terms").where("user_id", "=", user.id).execute();
  await indexNewUsers(trx, [user]);
}

/** The same for users who are new. */
export async function indexNewUsers(trx: Kysely<Database>, users: readonly User[]): Promise<void> {
  const rows = users.flatMap((user) => searchTerms(user).map((term) => ({ term, user_id: user.id })));
  for (let start = 0; start < rows.length; start += BATCH) {
    await trx.insertInto("user_terms").values(rows.slice(start, start + BATCH)).execute();
  }
}

/** How far the terms of a search are counted: further where there are more under each of them. */
const COUNTED = [1000, 10_000, 100_000];

/**
 * Reads along the term that fewest are found under, in its order, and looks up the others for each user that it meets.
 * Each user comes once: under the first of their terms that fits.
 */
export async function searchUsers(db: Kysely<Database>, { words, exactly, after, limit }: UserSearch): Promise<FoundUser[]> {
  const ranges = [
    ...words.map((word) => ({ from: word, to: word + LAST })),
    ...exactly.map((term) => ({ from: term, to: term })),
  ];
  if (ranges.length === 0) return newestUsers(db, after?.userId, limit);
  const first = after === null ? await smallest(db, ranges) : ranges.find(({ from }) => from === after.along);
  if (first === undefined) return [];
  let query = db
    .selectFrom("user_terms as t")
    .innerJoin("users", "users.id", "t.user_id")
    .selectAll("users")
    .select("t.term")
    .where("t.term", ">=", first.from)
    .where("t.term", "<=", first.to)
    .where(sql<SqlBool>`not ${hasTerm(first.from, sql`< t.term`)}`)
    .orderBy("t.term")
    .orderBy("t.user_id")
    .limit(limit);
  if (after !== null) query = query.where(sql<SqlBool>`(t.term, t.user_id) > (${after.term}, ${after.userId})`);
  for (const { from, to } of ranges) if (from !== first.from) query = query.where(hasTerm(from, sql`<= ${to}`));
  return (await query.execute()).map(({ term, ...row }) => ({ user: toUser(row), term, along: first.from }));
}

/** What begins with a text, or is it. */
interface Range {
  readonly from: string;
  readonly to: string;
}

/** The range with the fewest terms; undefined if one has none, for then nobody is in all of them. */
async function smallest(db: Kysely<Database>, ranges: readonly Range[]): Promise<Range | undefined> {
  if (ranges.length === 1) return ranges[0];
  let counts: number[] = [];
  for (const atMost of COUNTED) {
    counts = await countTerms(db, ranges, atMost);
    if (Math.min(...counts) < atMost) break;
  }
  const least = Math.min(...counts);
  return least === 0 ? undefined : ranges[counts.indexOf(least)];
}

/** How many terms each range has, counted up to `atMost`. */
async function countTerms(db: Kysely<Database>, ranges: readonly Range[], atMost: number): Promise<number[]> {
  const counts = ranges.map(({ from, to }, i) => {
    // In its order, so that it is the index that is read.
    const terms = sql`select 1 from user_terms where term >= ${from} and term <= ${to} order by term limit ${atMost}`;
    return sql`(select count(*) from (${terms}) as counted) as ${sql.ref(`count_${i}`)}`;
  });
  const { rows } = await sql<Record<string, unknown>>`select ${sql.join(counts)}`.execute(db);
  return ranges.map((_, i) => Number(rows[0]?.[`count_${i}`]));
}

function hasTerm(from: string, to: RawBuilder<unknown>): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (select 1 from user_terms o where o.user_id = t.user_id and o.term >= ${from} and o.term ${to})`;
}

async function newestUsers(db: Kysely<Database>, before: string | undefined, limit: number): Promise<FoundUser[]> {
  let query = db.selectFrom("users").selectAll().orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return (await query.execute()).map((row) => ({ user: toUser(row), term: "", along: "" }));
}
