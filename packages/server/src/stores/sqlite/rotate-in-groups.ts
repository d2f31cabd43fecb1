import type { DatabaseSync } from "node:sqlite";
import type { Kysely } from "kysely";
import type { Rotated, Rotation, SessionStore } from "../../sessions/session-store.ts";
import type { Session } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";
import { queueMails } from "../sql/queue-mails.ts";
import type { AppendRevocation } from "../sql/sql-engine.ts";
import type { Database } from "../sql/schema.ts";
import { prepareRotation } from "./rotation-statements.ts";

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
  const statements = prepareRotation(database);
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
        if (audit !== null) {
          statements.audit(audit);
          await queueMails(trx, [audit]);
        }
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
