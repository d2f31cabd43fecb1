import type { Kysely } from "kysely";
import type { SessionStore } from "../../sessions/session-store.ts";
import { inGroups } from "./in-groups.ts";
import type { Database } from "./schema.ts";
import type { Confirmation, SessionLedger } from "./session-ledger.ts";
import { toSessionRow } from "./session-row.ts";
import type { SqlEngine } from "./sql-engine.ts";
import { beginSession } from "./sql-session-store.ts";

export function createSqlSessionLedger(db: Kysely<Database>, sessions: SessionStore, engine: SqlEngine): SessionLedger {
  const confirmAll = engine.confirmAll(db);
  const confirm = inGroups<Confirmation, boolean>(async (group) => {
    const live = await confirmAll(group);
    return ({ id }) => live.has(id);
  });

  return {
    ...sessions,

    create: (session, verifiedPasswordHash, audit) =>
      // Nobody tells this row of its rotations: it stays until the session is over in any case.
      beginSession(db, engine, { ...toSessionRow(session), ends_at: session.expiresAt }, verifiedPasswordHash, audit),

    read: engine.readSession(db),

    async adopt(id) {
      await db.transaction().execute((trx) =>
        trx
          .updateTable("sessions")
          .set((eb) => ({ ends_at: eb.ref("expires_at") }))
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .execute(),
      );
    },

    confirm: (id, audit) => confirm({ id, audit }),
  };
}
