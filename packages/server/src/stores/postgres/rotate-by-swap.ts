import type { AuditEvent } from "../../audit/audit-event.ts";
import type { Rotation, SessionStore } from "../../sessions/session-store.ts";
import type { Session } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";
import type { UserRow } from "../sql/schema.ts";
import { rotatedColumns } from "../sql/session-row.ts";
import { toUser } from "../sql/user-row.ts";
import { readInGroups } from "./ledger-statements.ts";
import type { Pool, Statement } from "./pool.ts";

/** Two rotations of one session at once: the loser looks again. More than this means that something else is wrong. */
const TRIES = 10;

/**
 * A rotation as one read and one compare-and-swap, each a statement of its own: nothing is locked in between, and no
 * connection is held. What revokes goes the long way, through `rotateInTransaction`.
 */
export function rotateBySwap(pool: Pool, rotateInTransaction: SessionStore["rotate"]): SessionStore["rotate"] {
  const read = readInGroups(pool);
  return async function rotate<Outcome>(id: string, decide: (session: Session, user: User) => Rotation<Outcome>) {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await read(id);
      if (found === null) return null;
      const before = found.session;
      const { outcome, session, revocation, audit } = decide(before, found.user);
      if (revocation !== null) return rotateInTransaction(id, decide);
      if (session === before && audit === null) return { outcome, session, user: found.user, entry: null };

      const written = await pool.run(swapStatement(before, session, audit));
      const user = written.rows[0]?.["user_row"] as UserRow | undefined;
      if (user !== undefined) return { outcome, session, user: toUser(user), entry: null };
    }
    return rotateInTransaction(id, decide);
  };
}

/**
 * Writes the row if it is still as it was read, audits it, and returns the user as of this very statement.
 * What a decision depends on, and what it changes, is in the condition.
 */
function swapStatement(before: Session, after: Session, audit: AuditEvent | null): Statement {
  const columns = rotatedColumns(after);
  const names = Object.keys(columns);
  const values: unknown[] = [before.id, before.generation, before.lateGeneration, JSON.stringify(before.retired)];
  const set = names.map((name, i) => `${name} = $${values.length + i + 1}`).join(", ");
  values.push(...Object.values(columns));
  const auditAt = values.length;
  if (audit !== null) {
    const { at, type, userId, sessionId, ip, userAgent, detail } = audit;
    values.push(at, type, userId, sessionId, ip, userAgent, JSON.stringify(detail));
  }
  const audited =
    audit === null
      ? ""
      : `, audited as (
          insert into audit (at, type, user_id, session_id, ip, user_agent, detail)
          select ${Array.from({ length: 7 }, (_, i) => `$${auditAt + i + 1}${AUDIT_TYPES[i]}`).join(", ")} from swapped
        )`;
  return {
    name: audit === null ? "ostiary_swap_session" : "ostiary_swap_session_audited",
    text: `
      with swapped as (
        update sessions set ${set}
        where id = $1 and generation = $2 and late_generation is not distinct from $3 and retired = $4
          and revoked_at is null
        returning user_id
      )${audited}
      select to_jsonb(u) as user_row from swapped join users u on u.id = swapped.user_id`,
    values,
  };
}

const AUDIT_TYPES = ["::bigint", "::text", "::text", "::text", "::text", "::text", "::text"];
