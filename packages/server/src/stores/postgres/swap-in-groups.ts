import { OstiaryError } from "../../errors.ts";
import type { Session } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";
import { inGroups } from "../sql/in-groups.ts";
import type { UserRow } from "../sql/tables/users.ts";
import { toUser } from "../sql/user-row.ts";
import type { Pool, Row } from "./pool.ts";
import { swapAllStatement, swapStatement } from "./swap-statements.ts";
import type { Swap } from "./swap-statements.ts";

/** One is waited for by the disk while the other is made: more only makes the groups smaller. */
const STATEMENTS_AT_ONCE = 2;

/** The user as of the swap; null if the row was not as it was read, or locked by somebody. */
export type SwapSession = (swap: Swap) => Promise<User | null>;

/** One swap, one statement, which waits for whoever has locked the row. */
export function swapAlone(pool: Pool): SwapSession {
  return async (swap) => {
    const { rows } = await pool.run(swapStatement(swap));
    const user = rows[0]?.["user_row"] as UserRow | undefined;
    return user === undefined ? null : toUser(user);
  };
}

/** Swaps that come together are one statement and one commit; one that comes alone is what it would be without this. */
export function swapInGroups(pool: Pool): SwapSession {
  const alone = swapAlone(pool);
  return inGroups<Swap, User | null>(
    async (group) => {
      const [first] = group;
      if (group.length === 1 && first !== undefined) {
        const user = await alone(first);
        return () => user;
      }
      const bySession = Map.groupBy(group, ({ before }) => before.id);
      const compatible = [...bySession.values()].map(thoseThatCanAllSucceed);
      const rows = await swapAll(pool, compatible);
      const users = new Map(rows.map((row) => [row["id"] as string, toUser(row["user_row"] as UserRow)]));
      const tried = new Set(compatible.flat());
      return (swap) => (tried.has(swap) ? (users.get(swap.before.id) ?? null) : null);
    },
    { atOnce: STATEMENTS_AT_ONCE },
  );
}

async function swapAll(pool: Pool, sessions: readonly (readonly Swap[])[]): Promise<Row[]> {
  try {
    return (await pool.run(swapAllStatement(sessions))).rows;
  } catch (error) {
    if (error instanceof OstiaryError) throw error;
    // Something of one of them cannot be written: that is not to keep the others from it. On its own, it will be told.
    return [];
  }
}

/** Of one session's, the first changes the row; but those that change nothing, and only want it audited, do so together. */
function thoseThatCanAllSucceed([first, ...others]: readonly Swap[]): Swap[] {
  if (first === undefined) return [];
  return changesNothing(first) ? [first, ...others.filter((other) => changesNothing(other) && readTheSame(first, other))] : [first];
}

function changesNothing({ before, after }: Swap): boolean {
  return after === before;
}

function readTheSame({ before: one }: Swap, { before: other }: Swap): boolean {
  const read = ({ generation, lateGeneration, retired }: Session): string => JSON.stringify([generation, lateGeneration, retired]);
  return read(one) === read(other);
}
