import type { Kysely } from "kysely";
import { MOST_PASSKEYS } from "../../second-factors/second-factor-store.ts";
import type { Addition, FactorUse, PasskeyUse, Removal, SecondFactorStore } from "../../second-factors/second-factor-store.ts";
import type { RevokedReason } from "../../sessions/session.ts";
import { hasPassword } from "../../users/no-password.ts";
import type { Revoked, VersionChange } from "../../users/user-store.ts";
import type { User } from "../../users/user.ts";
import { appendAudit } from "./append.ts";
import { deleteFactors, deleteRecoveryCodes } from "./delete-factors.ts";
import { toPasskey, toPasskeyRow, toTotpSecret } from "./factor-rows.ts";
import type { Database } from "./schema.ts";
import { raiseVersion, recordVersion, revokeSessionRows } from "./revoke.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";
import { createSqlPendingRows, deletePending } from "./sql-pending-sign-ins.ts";
import { toUser } from "./user-row.ts";

/** Undoes what the transaction has done so far, and is no failure. */
class Undone extends Error {}

export function createSqlSecondFactorStore(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  engine: Pick<SqlEngine, "locksRows" | "isAmong">,
): SecondFactorStore {
  const owner = (trx: Kysely<Database>, userId: string) => lockedUser(trx, userId, engine);

  async function add(userId: string, { pending, recoveryHashes, audit }: Addition, insert: (trx: Kysely<Database>) => Promise<boolean>) {
    return undoable(db, null, async (trx) => {
      if ((await owner(trx, userId)) === null) throw new Undone();
      if ((await deletePending(trx, pending)) === null) throw new Undone();
      const isFirst = !(await hasFactors(trx, userId));
      if (!(await insert(trx))) throw new Undone();
      if (isFirst) await insertCodes(trx, userId, recoveryHashes);
      await appendAudit(trx, audit);
      return { withCodes: isFirst };
    });
  }

  /** The last steps: of a user whose row is locked. */
  async function endSessions(trx: Kysely<Database>, userId: string, reason: RevokedReason, keepSessionId: string | null, change: VersionChange) {
    const raised = await raiseVersion(trx, userId);
    if (raised === null) throw new Error("Nobody deletes a user whose row is locked.");
    await revokeSessionRows(trx, userId, change.audit.at, reason, keepSessionId);
    return recordVersion(trx, raised, change, appendRevocation);
  }

  return {
    ...createSqlPendingRows(db, engine),

    async of(userId) {
      const totp = await db.selectFrom("totp_secrets").selectAll().where("user_id", "=", userId).executeTakeFirst();
      const passkeys = await db.selectFrom("passkeys").selectAll().where("user_id", "=", userId).orderBy("created_at").orderBy("id").execute();
      const codes = await db.selectFrom("recovery_codes").select("hash").where("user_id", "=", userId).execute();
      return { totp: totp === undefined ? null : toTotpSecret(totp), passkeys: passkeys.map(toPasskey), recoveryCodesLeft: codes.length };
    },

    async findPasskey(id) {
      const row = await db.selectFrom("passkeys").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? null : toPasskey(row);
    },

    keepTotp({ userId, sealed, lastStep, createdAt }, addition) {
      const row = { sealed, last_step: lastStep, created_at: createdAt };
      return add(userId, addition, async (trx) => {
        await trx
          .insertInto("totp_secrets")
          .values({ user_id: userId, ...row })
          .onConflict((conflict) => conflict.column("user_id").doUpdateSet(row))
          .execute();
        return true;
      });
    },

    addPasskey: (passkey, addition) =>
      add(passkey.userId, addition, async (trx) => {
        const there = await trx.selectFrom("passkeys").select("id").where("user_id", "=", passkey.userId).limit(MOST_PASSKEYS).execute();
        if (there.length === MOST_PASSKEYS) return false;
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto("passkeys")
          .values(toPasskeyRow(passkey))
          .onConflict((conflict) => conflict.column("id").doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      }),

    async renamePasskey(userId, id, name) {
      const row = await db
        .updateTable("passkeys")
        .set({ name })
        .where("id", "=", id)
        .where("user_id", "=", userId)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : toPasskey(row);
    },

    removeTotp: ({ userId, keepSessionId }, change) =>
      undoable(db, null, async (trx) => {
        if ((await owner(trx, userId)) === null) return null;
        const { numDeletedRows } = await trx.deleteFrom("totp_secrets").where("user_id", "=", userId).executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return null;
        if (!(await hasFactors(trx, userId))) await deleteRecoveryCodes(trx, userId);
        return endSessions(trx, userId, "second_factor_removed", keepSessionId, change);
      }),

    removePasskey: (removal, change) =>
      undoable<Revoked | "last" | "none">(db, "last", async (trx) => {
        const { userId, id } = removal;
        const user = await owner(trx, userId);
        if (user === null) return "none";
        const { numDeletedRows } = await trx.deleteFrom("passkeys").where("id", "=", id).where("user_id", "=", userId).executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return "none";
        if (!(await letsIn(trx, user, removal))) throw new Undone();
        if (!(await hasFactors(trx, userId))) await deleteRecoveryCodes(trx, userId);
        return endSessions(trx, userId, "second_factor_removed", removal.keepSessionId, change);
      }),

    replaceRecoveryCodes: (userId, hashes, audit) =>
      undoable(db, false, async (trx) => {
        if ((await owner(trx, userId)) === null || !(await hasFactors(trx, userId))) return false;
        await deleteRecoveryCodes(trx, userId);
        await insertCodes(trx, userId, hashes);
        await appendAudit(trx, audit);
        return true;
      }),

    reset: (userId, change) =>
      undoable(db, null, async (trx) => {
        if ((await owner(trx, userId)) === null) return null;
        if (!(await deleteFactors(trx, userId))) return null;
        return endSessions(trx, userId, "second_factors_reset", null, change);
      }),

    finish: (pending, use, audit) =>
      undoable(db, "refused", async (trx) => {
        if (pending !== null && (await deletePending(trx, pending)) === null) return "expired";
        if (!(await spend(trx, use))) throw new Undone();
        if (audit !== null) await appendAudit(trx, audit);
        return "finished";
      }),
  };
}

async function undoable<Result>(db: Kysely<Database>, undone: Result, work: (trx: Kysely<Database>) => Promise<Result>): Promise<Result> {
  try {
    return await db.transaction().execute(work);
  } catch (error) {
    if (error instanceof Undone) return undone;
    throw error;
  }
}

/** Of two changes of one user's factors, the second sees what the first has done. */
async function lockedUser(trx: Kysely<Database>, userId: string, { locksRows }: Pick<SqlEngine, "locksRows">): Promise<User | null> {
  const query = trx.selectFrom("users").selectAll().where("id", "=", userId);
  const row = await (locksRows ? query.forUpdate() : query).executeTakeFirst();
  return row === undefined ? null : toUser(row);
}

async function hasFactors(trx: Kysely<Database>, userId: string): Promise<boolean> {
  const totp = await trx.selectFrom("totp_secrets").select("user_id").where("user_id", "=", userId).executeTakeFirst();
  if (totp !== undefined) return true;
  const passkey = await trx.selectFrom("passkeys").select("id").where("user_id", "=", userId).limit(1).executeTakeFirst();
  return passkey !== undefined;
}

async function letsIn(trx: Kysely<Database>, user: User, { userId, issuers }: Removal): Promise<boolean> {
  if (issuers === null || hasPassword(user) || (await hasPasskeyAlone(trx, userId))) return true;
  const identities = await trx.selectFrom("identities").select("issuer").where("user_id", "=", userId).execute();
  return identities.some(({ issuer }) => issuers.includes(issuer));
}

/** Whether the user can come in by a passkey and nothing else. */
export async function hasPasskeyAlone(trx: Kysely<Database>, userId: string): Promise<boolean> {
  const passkey = await trx.selectFrom("passkeys").select("id").where("user_id", "=", userId).where("user_verified", "=", 1).limit(1).executeTakeFirst();
  return passkey !== undefined;
}

async function insertCodes(trx: Kysely<Database>, userId: string, hashes: readonly string[]): Promise<void> {
  await deleteRecoveryCodes(trx, userId);
  await trx.insertInto("recovery_codes").values(hashes.map((hash) => ({ user_id: userId, hash }))).execute();
}

/** One statement that decides: of a hundred at once, one changes the row. */
async function spend(trx: Kysely<Database>, use: FactorUse): Promise<boolean> {
  switch (use.kind) {
    case "otp": {
      const { numUpdatedRows } = await trx
        .updateTable("totp_secrets")
        .set({ last_step: use.step })
        .where("user_id", "=", use.userId)
        .where("last_step", "<", use.step)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    }
    case "recovery": {
      const { numDeletedRows } = await trx
        .deleteFrom("recovery_codes")
        .where("user_id", "=", use.userId)
        .where("hash", "=", use.hash)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 1n;
    }
    case "passkey":
      return spendPasskey(trx, use);
  }
}

/** A count that does not grow is that of a copy; authenticators that do not count say 0 each time (WebAuthn §6.1.1). */
async function spendPasskey(trx: Kysely<Database>, { id, userId, counter, backedUp, at }: PasskeyUse): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("passkeys")
    .set({ counter, backed_up: backedUp ? 1 : 0, last_used_at: at })
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .where((eb) => (counter === 0 ? eb("counter", "=", 0) : eb("counter", "<", counter)))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
