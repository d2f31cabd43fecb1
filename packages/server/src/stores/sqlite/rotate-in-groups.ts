import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Kysely } from "kysely";
import type { AuditEvent } from "../../audit/audit-event.ts";
import type { Rotated, Rotation, SessionStore } from "../../sessions/session-store.ts";
import type { Session } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";
import type { AppendRevocation } from "../sql/sql-engine.ts";
import type { SessionAndUser, SessionLedger } from "../sql/session-ledger.ts";
import type { Database, SessionRow, UserRow } from "../sql/schema.ts";
import { rotatedColumns, toSession } from "../sql/session-row.ts";
import { toUser } from "../sql/user-row.ts";
import { guarded } from "./node-sqlite-dialect.ts";

/** One rotation that waits for its turn. `carryOut` throws only what `decide` threw; then nothing was written. */
interface Job {
  carryOut(trx: Kysely<Database>): Promise<void>;
  settle(failure: unknown): void;
}

/**
 * Rotations that come together are committed together: what costs is waiting for the disk, and it is waited for once.
 * One that comes alone is committed at once. Each is answered only after its commit.
 */
export function rotateInGroups(
  db: Kysely<Database>,
  database: DatabaseSync,
  appendRevocation: AppendRevocation,
): SessionStore["rotate"] {
  const statements = prepare(database);
  let waiting: Job[] = [];

  async function commitGroup(): Promise<void> {
    let group: Job[] = [];
    try {
      await db.transaction().execute(async (trx) => {
        // Taken once the transaction has begun, so that whoever came meanwhile is with us.
        [group, waiting] = [waiting, []];
        for (const job of group) await job.carryOut(trx);
      });
      for (const job of group) job.settle(null);
    } catch (failure) {
      // Before the transaction began, nobody had been taken yet.
      if (group.length === 0) [group, waiting] = [waiting, []];
      for (const job of group) job.settle(failure);
    }
  }

  return async function rotate<Outcome>(id: string, decide: (session: Session, user: User) => Rotation<Outcome>) {
    const { promise, resolve, reject } = Promise.withResolvers<Rotated<Outcome> | null>();
    let result: Rotated<Outcome> | null = null;
    let fault: { readonly error: unknown } | null = null;
    const isFirst = waiting.length === 0;
    waiting.push({
      async carryOut(trx) {
        const read = statements.read(id);
        if (read === null) return;
        let decided: Rotation<Outcome>;
        try {
          decided = decide(read.session, read.user);
        } catch (error) {
          fault = { error };
          return;
        }
        const { outcome, session, revocation, audit } = decided;
        if (session !== read.session) statements.write(session);
        const entry = revocation === null ? null : await appendRevocation(trx, revocation);
        if (audit !== null) statements.audit(audit);
        result = { outcome, session, user: read.user, entry };
      },
      settle(failure) {
        if (failure !== null) reject(failure);
        else if (fault !== null) reject(fault.error);
        else resolve(result);
      },
    });
    if (isFirst) setImmediate(() => void commitGroup());
    return promise;
  };
}

/** A rotation's read alone. */
export function readOnly(db: Kysely<Database>, database: DatabaseSync): SessionLedger["read"] {
  const statements = prepare(database);
  // On the connection's turn: in between it may be inside a transaction that is not committed yet.
  return (id) => db.connection().execute(async () => statements.read(id));
}

/** The statements of a rotation, parsed once: building them anew costs several times what running them does. */
function prepare(database: DatabaseSync) {
  let readSession: StatementSync | undefined;
  let readUser: StatementSync | undefined;
  let update: StatementSync | undefined;
  let insert: StatementSync | undefined;
  return {
    read(id: string): SessionAndUser | null {
      return guarded(() => {
        readSession ??= database.prepare("select * from sessions where id = ?");
        readUser ??= database.prepare("select * from users where id = ?");
        const row = readSession.get(id) as SessionRow | undefined;
        const user = row && (readUser.get(row.user_id) as UserRow | undefined);
        return row && user ? { session: toSession(row), user: toUser(user) } : null;
      });
    },

    write(session: Session): void {
      const columns = rotatedColumns(session);
      guarded(() => {
        const set = Object.keys(columns).map((name) => `${name} = ?`);
        update ??= database.prepare(`update sessions set ${set.join(", ")} where id = ?`);
        update.run(...(Object.values(columns) as SQLInputValue[]), session.id);
      });
    },

    audit({ at, type, userId, sessionId, ip, userAgent, detail }: AuditEvent): void {
      guarded(() => {
        insert ??= database.prepare(
          "insert into audit (at, type, user_id, session_id, ip, user_agent, detail) values (?, ?, ?, ?, ?, ?, ?)",
        );
        insert.run(at, type, userId, sessionId, ip, userAgent, JSON.stringify(detail));
      });
    },
  };
}
