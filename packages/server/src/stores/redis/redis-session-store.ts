import { storeUnavailable } from "../../errors.ts";
import type { Rotated, Rotation, SessionRevocation, SessionStore } from "../../sessions/session-store.ts";
import { isLive } from "../../sessions/session.ts";
import type { Session } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";
import { rotatingInTime } from "../rotating-in-time.ts";
import type { SessionLedger } from "../sql/session-ledger.ts";
import type { Connection } from "./connection.ts";
import { isRepeated, keyOf, repeatedStateOf, stateOf, stateTtlMs, withState } from "./session-state.ts";

/** Each try that fails means that another rotation of the same session went through. */
const TRIES = 30;
/** What a rotation may take in all, in milliseconds: it asks Redis and the database, each twice. */
const ROTATION_MS = 800;
/** How many keys are asked for at once when a user's sessions are listed. */
const KEYS_AT_ONCE = 100;

/**
 * Sessions whose rotations are in Redis: one key each. The ledger, in the database, has a row for each and is asked
 * twice: before a rotation is decided, and after it is written, when nothing can come in between any more. So a session
 * that the database has ended is never refreshed again, and ending one needs nothing from Redis.
 *
 * A user's sessions are found by the rows: there is no index in Redis that a crash could leave behind.
 */
export function createRedisSessionStore(redis: Connection, ledger: SessionLedger): SessionStore {
  const stored = (id: string) => redis.run((client) => client.get(keyOf(id)));
  const swap = (expected: string | null, next: Session, value = stateOf(next)) =>
    redis.run((client) => client.swap(keyOf(next.id), expected, value, stateTtlMs(next)));

  return {
    async create(session, verifiedPasswordHash, audit) {
      // Redis first: a key without a row is nothing and expires; a row without a key would be a login that failed.
      await swap(null, session);
      return ledger.create(session, verifiedPasswordHash, audit);
    },

    async find(id) {
      const [row, state] = await Promise.all([ledger.find(id), stored(id)]);
      return row && withState(row, state);
    },

    async listLive(userId, now) {
      // By its row alone, a session that rotates here looks idle.
      const sessions = await asTheyAre(await ledger.listKept(userId));
      return sessions.filter((session) => isLive(session, now));
    },

    listKept: async (userId) => asTheyAre(await ledger.listKept(userId)),

    countLive: (now, atMost) => ledger.countLive(now, atMost),

    knowsDevice: (userId, deviceHash, by) => ledger.knowsDevice(userId, deviceHash, by),

    rotate: rotatingInTime(ROTATION_MS, "Redis, or the database,", async (id, decide) => {
      for (let tries = 0; tries < TRIES; tries++) {
        const [found, state] = await Promise.all([ledger.read(id), stored(id)]);
        if (found === null) return null;
        const rotated = await rotateFrom(found.session, state, found.user, decide);
        if (rotated !== null) return rotated;
      }
      throw storeUnavailable(new Error("Too many rotations of one session at once."));
    }),

    revoke: (id, revocation) => ledger.revoke(id, revocation),
    revokeAll: (userId, at, reason, change) => ledger.revokeAll(userId, at, reason, change),
    dropEnded: (before, limit) => ledger.dropEnded(before, limit),
  };

  async function asTheyAre(rows: readonly Session[]): Promise<Session[]> {
    const sessions: Session[] = [];
    for (let start = 0; start < rows.length; start += KEYS_AT_ONCE) {
      const some = rows.slice(start, start + KEYS_AT_ONCE);
      const states = await Promise.all(some.map(({ id }) => stored(id)));
      sessions.push(...some.map((row, i) => withState(row, states[i] ?? null)));
    }
    return sessions;
  }

  /** Null if something came in between: then it is to be looked at anew. */
  async function rotateFrom<Outcome>(
    row: Session,
    state: string | null,
    user: User,
    decide: (session: Session, user: User) => Rotation<Outcome>,
  ): Promise<Rotated<Outcome> | null> {
    const before = withState(row, state);
    const rotation = decide(before, user);
    const { outcome, session, audit } = rotation;
    const revocation = revocationOf(rotation);
    if (revocation !== null) {
      const revoked = await ledger.revoke(row.id, revocation);
      const entry = revoked?.entry ?? null;
      return entry === null ? null : { outcome, session, user, entry };
    }
    if (session === before && audit === null) return { outcome, session, user, entry: null };
    if (session !== before) {
      if (before === row) await ledger.adopt(row.id);
      if (!(await swap(state, session))) return null;
    } else if (state !== null && before !== row && !isRepeated(state)) {
      // Whoever made it may still wait for the database, and take it back.
      if (!(await swap(state, session, repeatedStateOf(state)))) return null;
    }
    const isLiveStill = await ledger.confirm(row.id, audit).catch(async (error: unknown) => {
      // Nobody was told of this rotation. Taken back, or a client that comes again after the outage looks like a thief.
      if (session !== before) await swap(stateOf(session), before).catch(() => {});
      throw error;
    });
    return isLiveStill ? { outcome, session, user, entry: null } : null;
  }
}

function revocationOf({ session, revocation, audit }: Rotation<unknown>): SessionRevocation | null {
  if (revocation === null) return null;
  const { revokedAt, revokedReason } = session;
  if (revokedAt === null || revokedReason === null || audit === null) throw new Error("A revocation without its session's end.");
  return { at: revokedAt, reason: revokedReason, entry: revocation, audit };
}
