import type { Rotation, SessionStore } from "../../sessions/session-store.ts";
import type { Session } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";
import { readInGroups } from "./ledger-statements.ts";
import type { Pool } from "./pool.ts";
import { swapAlone, swapInGroups } from "./swap-in-groups.ts";

/** Two rotations of one session at once: the loser looks again. More than this means that something else is wrong. */
const TRIES = 10;
/** Of these, with others in one statement, which passes by a row that is locked; after them, on its own, which waits. */
const TRIES_IN_GROUPS = 3;

/**
 * A rotation as one read and one compare-and-swap, each a statement of its own: nothing is locked in between, and no
 * connection is held. What revokes goes the long way, through `rotateInTransaction`.
 */
export function rotateBySwap(pool: Pool, rotateInTransaction: SessionStore["rotate"]): SessionStore["rotate"] {
  const read = readInGroups(pool);
  const together = swapInGroups(pool);
  const alone = swapAlone(pool);
  return async function rotate<Outcome>(id: string, decide: (session: Session, user: User) => Rotation<Outcome>) {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await read(id);
      if (found === null) return null;
      const before = found.session;
      const { outcome, session, revocation, audit } = decide(before, found.user);
      if (revocation !== null) return rotateInTransaction(id, decide);
      if (session === before && audit === null) return { outcome, session, user: found.user, entry: null };

      const user = await (tries < TRIES_IN_GROUPS ? together : alone)({ before, after: session, audit });
      if (user !== null) return { outcome, session, user, entry: null };
    }
    return rotateInTransaction(id, decide);
  };
}
