import type { Kysely } from "kysely";
import type { AuditEvent } from "../../audit/audit-event.ts";
import type { SessionStore } from "../../sessions/session-store.ts";
import { isLive } from "../../sessions/session.ts";
import type { RevokedReason, SignInMethod } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";
import { appendAudit } from "./append.ts";
import { builtOnce } from "./built-once.ts";
import { raiseVersion, recordVersion, revokeSessionRows } from "./revoke.ts";
import { revokeOn } from "./revoke-session.ts";
import type { Database } from "./schema.ts";
import type { SessionRow } from "./tables/sessions.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";
import { toSession, toSessionRow } from "./session-row.ts";
import { findUser } from "./user-row.ts";

const readSession = builtOnce((db) => db.selectFrom("sessions").selectAll().where("id", "=", ""));

/** Ends that say the browser may be in other hands. */
const DISTRUSTED: readonly RevokedReason[] = [
  "logout_all",
  "session_deleted",
  "password_changed",
  "identity_unlinked",
  "second_factor_removed",
  "second_factors_reset",
  "user_disabled",
  "refresh_token_reused",
  "user_agent_changed",
  "network_changed",
];

/** What proves more than a password, or another issuer's word. */
const SECOND_FACTORS: readonly SignInMethod[] = ["otp", "passkey", "recovery"];

export function createSqlSessionStore(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  engine: SqlEngine,
): SessionStore {
  return {
    create: (session, verifiedPasswordHash, audit) =>
      beginSession(db, engine, toSessionRow(session), verifiedPasswordHash, audit),

    async find(id) {
      const [row] = (await readSession(db, id)).rows;
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
      return rows.map(toSession).filter((session) => isLive(session, now));
    },

    async listKept(userId) {
      const rows = await db
        .selectFrom("sessions")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .execute();
      return rows.map(toSession);
    },

    async countLive(now, atMost) {
      const some = db.selectFrom("sessions").select("ends_at").where("ends_at", ">", now).limit(atMost).as("some");
      const { count } = await db.selectFrom(some).select((eb) => eb.fn.countAll().as("count")).executeTakeFirstOrThrow();
      return Number(count);
    },

    async knowsDevice(userId, deviceHash, by) {
      const ofBrowser = db.selectFrom("sessions").where("user_id", "=", userId).where("device_hash", "=", deviceHash);
      const distrustedAt = ofBrowser.where("revoked_reason", "in", DISTRUSTED).select((eb) => eb.fn.max("revoked_at").as("at"));
      const trusted =
        by === undefined ? ofBrowser : ofBrowser.where((eb) => eb.or(SECOND_FACTORS.map((word) => eb("method", "like", `%${word}%`))));
      const known = trusted.select("id").where((eb) => {
        const hasEndedWell = eb("revoked_reason", "not in", DISTRUSTED);
        // One of before says nothing: a browser is often signed in to again before it is lost.
        const isLater = eb("created_at", ">=", eb.fn.coalesce(distrustedAt, eb.val(0)));
        return eb.or([eb("revoked_reason", "is", null), eb.and([hasEndedWell, isLater])]);
      });
      return (await known.limit(1).executeTakeFirst()) !== undefined;
    },

    rotate: engine.rotate(db, appendRevocation),

    revoke: revokeOn(db, appendRevocation, engine),

    async revokeAll(userId, at, reason, change) {
      return db.transaction().execute(async (trx) => {
        const user = await raiseVersion(trx, userId);
        if (user === null) return null;
        await revokeSessionRows(trx, userId, at, reason, null);
        return recordVersion(trx, user, change, appendRevocation);
      });
    },

    async dropEnded(before, limit) {
      const ended = db.selectFrom("sessions").select("id").where("ends_at", "<", before).orderBy("ends_at").limit(limit);
      return db.transaction().execute(async (trx) => {
        const dropped = await trx.deleteFrom("sessions").where(engine.isAmong("id", ended)).returning(["id", "revoked_at"]).execute();
        const expired = dropped.filter((row) => row.revoked_at === null).map(({ id }) => id);
        // Of a session that nobody ended, no client is told. Without its row it would look ended.
        if (expired.length > 0) await trx.deleteFrom("sign_ons").where("session_id", "in", expired).where("ended_at", "is", null).execute();
        return dropped.length;
      });
    },
  };
}

export async function beginSession(
  db: Kysely<Database>,
  { locksRows }: Pick<SqlEngine, "locksRows">,
  row: SessionRow,
  verifiedPasswordHash: string,
  audit: AuditEvent,
): Promise<User | null> {
  return db.transaction().execute(async (trx) => {
    // Locked: a password change that runs beside this waits, and then ends the session, or was first.
    const user = await findUser(trx, row.user_id, locksRows ? "share" : "none");
    if (user === null || user.disabledAt !== null || user.passwordHash !== verifiedPasswordHash) return null;
    await trx.insertInto("sessions").values(row).execute();
    await appendAudit(trx, audit);
    return user;
  });
}
