import type { Kysely } from "kysely";
import type { SessionStore } from "../../sessions/session-store.ts";
import { appendAudit, appendRevocation } from "./append.ts";
import { raiseVersion, revokeSessionRows } from "./revoke.ts";
import type { Database } from "./schema.ts";
import { rotatedColumns, toSession, toSessionRow } from "./session-row.ts";
import { findUser } from "./user-row.ts";

export function createSqlSessionStore(db: Kysely<Database>): SessionStore {
  return {
    async create(session, verifiedPasswordHash, audit) {
      return db.transaction().execute(async (trx) => {
        const user = await findUser(trx, session.userId);
        if (user === null || user.disabledAt !== null || user.passwordHash !== verifiedPasswordHash) return null;
        await trx.insertInto("sessions").values(toSessionRow(session)).execute();
        await appendAudit(trx, audit);
        return user;
      });
    },

    async find(id) {
      const row = await db.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? null : toSession(row);
    },

    async listLive(userId, now) {
      const rows = await db
        .selectFrom("sessions")
        .selectAll()
        .where("user_id", "=", userId)
        .where("ends_at", ">", now)
        .where("revoked_at", "is", null)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .execute();
      return rows.map(toSession);
    },

    async rotate(id, decide) {
      return db.transaction().execute(async (trx) => {
        const row = await trx.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst();
        const user = row === undefined ? null : await findUser(trx, row.user_id);
        if (row === undefined || user === null) return null;
        const before = toSession(row);
        const { outcome, session, revocation, audit } = decide(before, user);
        if (session !== before) {
          await trx.updateTable("sessions").set(rotatedColumns(session)).where("id", "=", id).execute();
        }
        const entry = revocation === null ? null : await appendRevocation(trx, revocation);
        if (audit !== null) await appendAudit(trx, audit);
        return { outcome, session, user, entry };
      });
    },

    async revoke(id, { at, reason, entry, audit }) {
      return db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable("sessions")
          .set({ revoked_at: at, revoked_reason: reason, ends_at: at })
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) {
          const row = await trx.selectFrom("sessions").select("id").where("id", "=", id).executeTakeFirst();
          return row === undefined ? null : { entry: null };
        }
        await appendAudit(trx, audit);
        return { entry: await appendRevocation(trx, entry) };
      });
    },

    async revokeAll(userId, at, reason, change) {
      return db.transaction().execute(async (trx) => {
        await revokeSessionRows(trx, userId, at, reason, null);
        return raiseVersion(trx, userId, change);
      });
    },

    async dropEnded(before, limit) {
      const ended = db.selectFrom("sessions").select("id").where("ends_at", "<", before).orderBy("ends_at").limit(limit);
      return db.transaction().execute(async (trx) => {
        const dropped = await trx.deleteFrom("sessions").where("id", "in", ended).executeTakeFirstOrThrow();
        return Number(dropped.numDeletedRows);
      });
    },
  };
}
