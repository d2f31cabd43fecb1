import type { Kysely } from "kysely";
import type { UserStore } from "../../users/user-store.ts";
import { appendAudit, appendAudits } from "./append.ts";
import { barPasskeysAlone } from "./delete-factors.ts";
import { refuseLast } from "./refuse-last.ts";
import { sqlEmailChanges } from "./sql-email-changes.ts";
import { useLink } from "./sql-mail-store.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";
import { revokeApiKeyRows } from "./sql-api-key-store.ts";
import { raiseVersion, recordVersion, revokeSessionRows } from "./revoke.ts";
import type { Database } from "./schema.ts";
import { findUser, toUser, toUserRow } from "./user-row.ts";
import { indexNewUsers, indexUser, searchUsers } from "./user-terms.ts";

export function createSqlUserStore(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  engine: Pick<SqlEngine, "holdRoles" | "holdEmail" | "isEmailTaken" | "locksRows">,
): UserStore {
  return {
    takesImports: true,

    async create(user, audit, link) {
      return db.transaction().execute(async (trx) => {
        if (link !== undefined && !(await useLink(trx, engine, null, link.hash, link.at))) return null;
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto("users")
          .values(toUserRow(user))
          .onConflict((conflict) => conflict.column("email_identity").doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 0n) return null;
        await indexNewUsers(trx, [user]);
        await appendAudit(trx, audit);
        return user;
      });
    },

    async adopt(user, audit) {
      return db.transaction().execute(async (trx) => {
        const row = toUserRow(user);
        const { id, email, email_identity, email_verified, name } = row;
        await engine.holdEmail(trx, email_identity);
        // No id is an e-mail address: whoever has lost theirs, or not got it yet, is found under none.
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto("users")
          .values({ ...row, email_identity: id })
          .onConflict((conflict) => conflict.column("id").doNothing())
          .executeTakeFirstOrThrow();
        const isNew = numInsertedOrUpdatedRows === 1n;
        // In this order whoever does it: two who have exchanged their e-mails would wait for each other.
        const both = trx.selectFrom("users").select("id").orderBy("id");
        const locked = both.where((eb) => eb.or([eb("id", "=", id), eb("email_identity", "=", email_identity)]));
        if (engine.locksRows) await locked.forUpdate().execute();
        await trx
          .updateTable("users")
          .set((eb) => ({ email_identity: eb.ref("id") }))
          .where("email_identity", "=", email_identity)
          .where("id", "!=", id)
          .execute();
        const profile = { email, email_identity, email_verified, name };
        const now = await trx.updateTable("users").set(profile).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
        await indexUser(trx, toUser(now));
        await appendAudit(trx, isNew ? audit.made : audit.updated);
        return { user: toUser(now), isNew };
      });
    },

    async createAll(users) {
      return db.transaction().execute(async (trx) => {
        const rows = await trx
          .insertInto("users")
          .values(users.map(({ user }) => toUserRow(user)))
          .onConflict((conflict) => conflict.doNothing())
          .returning("id")
          .execute();
        const created = new Set(rows.map(({ id }) => id));
        await indexNewUsers(trx, users.flatMap(({ user }) => (created.has(user.id) ? [user] : [])));
        const audits = users.flatMap(({ user, audit }) => (created.has(user.id) ? [audit] : []));
        if (audits.length > 0) await appendAudits(trx, audits);
        return created;
      });
    },

    async find(id) {
      return findUser(db, id);
    },

    async findByEmail(identity) {
      const row = await db.selectFrom("users").selectAll().where("email_identity", "=", identity).executeTakeFirst();
      return row === undefined ? null : toUser(row);
    },

    async list({ after, limit }) {
      let query = db.selectFrom("users").selectAll().orderBy("id").limit(limit);
      if (after !== undefined) query = query.where("id", ">", after);
      return (await query.execute()).map(toUser);
    },

    search: (query) => searchUsers(db, query),

    async count(atMost) {
      const some = db.selectFrom("users").select("id").limit(atMost).as("some");
      const { count } = await db.selectFrom(some).select((eb) => eb.fn.countAll().as("count")).executeTakeFirstOrThrow();
      return Number(count);
    },

    async rename(id, name, audit) {
      return db.transaction().execute(async (trx) => {
        const row = await trx.updateTable("users").set({ name }).where("id", "=", id).returningAll().executeTakeFirst();
        if (row === undefined) return null;
        await indexUser(trx, toUser(row));
        await appendAudit(trx, audit);
        return toUser(row);
      });
    },

    async changePassword(change) {
      const { link } = change;
      return db.transaction().execute(async (trx) => {
        if (link !== undefined && !(await useLink(trx, engine, change.userId, link.hash, change.at))) return null;
        const isProof = link?.verifiesEmail === true && (await isUnproven(trx, change.userId));
        const { numUpdatedRows } = await trx
          .updateTable("users")
          .set({ password_hash: change.newHash, ...(link?.verifiesEmail === true ? { email_verified: 1 } : {}) })
          .where("id", "=", change.userId)
          .where("password_hash", "=", change.verifiedHash)
          .where("disabled_at", "is", null)
          .executeTakeFirstOrThrow();
        const user = numUpdatedRows === 0n ? null : await raiseVersion(trx, change.userId);
        if (user === null) return null;
        await revokeSessionRows(trx, user.id, change.at, "password_changed", change.keepSessionId);
        // What was connected or added before anybody had shown whose address it is may be of whoever took it.
        if (isProof) {
          await trx.deleteFrom("identities").where("user_id", "=", user.id).execute();
          await barPasskeysAlone(trx, user.id);
        }
        return recordVersion(trx, user, change, appendRevocation);
      });
    },

    ...sqlEmailChanges(db, appendRevocation, engine),

    async upgradeHash(id, verifiedHash, newHash, audit) {
      return db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable("users")
          .set({ password_hash: newHash })
          .where("id", "=", id)
          .where("password_hash", "=", verifiedHash)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return false;
        await appendAudit(trx, audit);
        return true;
      });
    },

    async setRoles(id, roles, change) {
      return db.transaction().execute(async (trx) => {
        await refuseLast(trx, engine, id, change);
        await trx.updateTable("users").set({ roles: JSON.stringify(roles) }).where("id", "=", id).execute();
        const user = await raiseVersion(trx, id);
        if (user === null) return null;
        await indexUser(trx, user);
        return recordVersion(trx, user, change, appendRevocation);
      });
    },

    async raiseTokenVersion(id, change) {
      return db.transaction().execute(async (trx) => {
        const user = await raiseVersion(trx, id);
        return user && recordVersion(trx, user, change, appendRevocation);
      });
    },

    async disable(id, at, change) {
      return db.transaction().execute(async (trx) => {
        await refuseLast(trx, engine, id, change);
        await trx.updateTable("users").set({ disabled_at: at }).where("id", "=", id).execute();
        const user = await raiseVersion(trx, id);
        if (user === null) return null;
        await indexUser(trx, user);
        await revokeSessionRows(trx, id, at, "user_disabled", null);
        await revokeApiKeyRows(trx, id, at);
        return recordVersion(trx, user, change, appendRevocation);
      });
    },

    async enable(id, audit) {
      return db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable("users")
          .set({ disabled_at: null })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return null;
        await indexUser(trx, toUser(row));
        await appendAudit(trx, audit);
        return toUser(row);
      });
    },

    async delete(id, change) {
      return db.transaction().execute(async (trx) => {
        await refuseLast(trx, engine, id, change);
        const user = await raiseVersion(trx, id);
        if (user === null) return null;
        // The sessions go with it.
        await trx.deleteFrom("users").where("id", "=", id).execute();
        return recordVersion(trx, user, change, appendRevocation);
      });
    },
  };
}

/** Whether nobody has shown yet that the account's address is theirs. */
async function isUnproven(trx: Kysely<Database>, userId: string): Promise<boolean> {
  const row = await trx.selectFrom("users").select("email_verified").where("id", "=", userId).executeTakeFirst();
  return row?.email_verified === 0;
}
