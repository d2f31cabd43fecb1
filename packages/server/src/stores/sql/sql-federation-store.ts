import type { Kysely, Selectable } from "kysely";
import type { FederationStore, Identity, Transaction, TransactionKey } from "../../federation/federation-store.ts";
import { hasPassword } from "../../users/no-password.ts";
import { appendAudit } from "./append.ts";
import type { Database } from "./schema.ts";
import { raiseVersion, recordVersion, revokeSessionRows } from "./revoke.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";
import { hasPasskeyAlone } from "./sql-second-factor-store.ts";
import { toUser, toUserRow } from "./user-row.ts";
import { indexNewUsers } from "./user-terms.ts";

type IdentityRow = Selectable<Database["identities"]>;
type TransactionRow = Selectable<Database["sign_in_transactions"]>;

/** Undoes what the transaction has done so far, and is no failure. */
class Undone extends Error {}

export function createSqlFederationStore(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  engine: Pick<SqlEngine, "locksRows" | "isAmong">,
): FederationStore {
  return {
    async find(issuer, subject) {
      const row = await db.selectFrom("identities").selectAll().where("issuer", "=", issuer).where("subject", "=", subject).executeTakeFirst();
      return row === undefined ? null : toIdentity(row);
    },

    async listOf(userId) {
      const rows = await db.selectFrom("identities").selectAll().where("user_id", "=", userId).orderBy("linked_at").orderBy("subject").execute();
      return rows.map(toIdentity);
    },

    async createUser(user, identity, audit) {
      try {
        return await db.transaction().execute(async (trx) => {
          const { numInsertedOrUpdatedRows } = await trx
            .insertInto("users")
            .values(toUserRow(user))
            .onConflict((conflict) => conflict.column("email_identity").doNothing())
            .executeTakeFirstOrThrow();
          if (numInsertedOrUpdatedRows === 0n) return "email_taken";
          if (!(await insertIdentity(trx, identity))) throw new Undone();
          await indexNewUsers(trx, [user]);
          await appendAudit(trx, audit);
          return "created";
        });
      } catch (error) {
        if (error instanceof Undone) return "identity_taken";
        throw error;
      }
    },

    async link(identity, audit) {
      return db.transaction().execute(async (trx) => {
        if (!(await insertIdentity(trx, identity))) return false;
        await appendAudit(trx, audit);
        return true;
      });
    },

    async unlink({ userId, issuer, subject, configured, keepSessionId }, change) {
      return db.transaction().execute(async (trx) => {
        // Of two that are taken away at once, the second sees that the first is gone.
        const user = trx.selectFrom("users").selectAll().where("id", "=", userId);
        const owner = await (engine.locksRows ? user.forUpdate() : user).executeTakeFirst();
        const all = await trx.selectFrom("identities").selectAll().where("user_id", "=", userId).execute();
        const isIt = (row: IdentityRow): boolean => row.issuer === issuer && row.subject === subject;
        if (owner === undefined || !all.some(isIt)) return "none";
        const stays = (row: IdentityRow): boolean => configured === null || (!isIt(row) && configured.includes(row.issuer));
        if (!hasPassword(toUser(owner)) && !all.some(stays) && !(await hasPasskeyAlone(trx, userId))) return "last";
        await trx.deleteFrom("identities").where("issuer", "=", issuer).where("subject", "=", subject).execute();
        const raised = await raiseVersion(trx, userId);
        if (raised === null) return "none";
        await revokeSessionRows(trx, userId, change.audit.at, "identity_unlinked", keepSessionId);
        return recordVersion(trx, raised, change, appendRevocation);
      });
    },

    async begin(transaction) {
      await db.insertInto("sign_in_transactions").values(toTransactionRow(transaction)).execute();
    },

    async look({ hash, browserHash, provider, now }: TransactionKey) {
      const row = await db
        .selectFrom("sign_in_transactions")
        .selectAll()
        .where("hash", "=", hash)
        .where("browser_hash", "=", browserHash)
        .where("provider", "=", provider)
        .where("expires_at", ">", now)
        .executeTakeFirst();
      return row === undefined ? null : toTransaction(row);
    },

    async take({ hash, browserHash, provider, now }: TransactionKey) {
      const row = await db
        .deleteFrom("sign_in_transactions")
        .where("hash", "=", hash)
        .where("browser_hash", "=", browserHash)
        .where("provider", "=", provider)
        .where("expires_at", ">", now)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : toTransaction(row);
    },

    async dropExpired(before, limit) {
      const over = db.selectFrom("sign_in_transactions").select("hash").where("expires_at", "<", before).orderBy("expires_at").limit(limit);
      const { numDeletedRows } = await db.deleteFrom("sign_in_transactions").where(engine.isAmong("hash", over)).executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** False if somebody has it. */
async function insertIdentity(trx: Kysely<Database>, { issuer, subject, userId, label, linkedAt }: Identity): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("identities")
    .values({ issuer, subject, user_id: userId, label, linked_at: linkedAt })
    .onConflict((conflict) => conflict.columns(["issuer", "subject"]).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

function toIdentity(row: IdentityRow): Identity {
  return { issuer: row.issuer, subject: row.subject, userId: row.user_id, label: row.label, linkedAt: Number(row.linked_at) };
}

function toTransaction(row: TransactionRow): Transaction {
  return {
    hash: row.hash,
    browserHash: row.browser_hash,
    provider: row.provider,
    purpose: row.purpose as Transaction["purpose"],
    detail: JSON.parse(row.detail) as Transaction["detail"],
    expiresAt: Number(row.expires_at),
  };
}

function toTransactionRow({ hash, browserHash, provider, purpose, detail, expiresAt }: Transaction): TransactionRow {
  return { hash, browser_hash: browserHash, provider, purpose, detail: JSON.stringify(detail), expires_at: expiresAt };
}
