import type { Kysely } from "kysely";
import { emailIdentity } from "../../users/email.ts";
import type { EmailChange, EmailChanged, UserStore } from "../../users/user-store.ts";
import type { User } from "../../users/user.ts";
import { appendAudit } from "./append.ts";
import { deleteFactors } from "./delete-factors.ts";
import { isLast } from "./refuse-last.ts";
import { raiseVersion, recordVersion, revokeSessionRows } from "./revoke.ts";
import type { Database } from "./schema.ts";
import { revokeApiKeyRows } from "./sql-api-key-store.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";
import { useLink } from "./sql-mail-store.ts";
import { toUser } from "./user-row.ts";
import { indexUser } from "./user-terms.ts";

/** How often an undo sees that somebody has just signed up with its address, and takes it from them. */
const UNDO_TRIES = 3;

/** What links in mails do to the address of an account. */
export function sqlEmailChanges(
  db: Kysely<Database>,
  appendRevocation: AppendRevocation,
  engine: Pick<SqlEngine, "holdRoles" | "holdEmail" | "isEmailTaken" | "locksRows">,
): Pick<UserStore, "verifyEmail" | "changeEmail"> {
  async function change(trx: Kysely<Database>, asked: EmailChange): Promise<EmailChanged | "taken" | null> {
    const { link, email, takenBack } = asked;
    const identity = emailIdentity(email);
    await engine.holdEmail(trx, identity);
    const owner = await trx.selectFrom("users").select(["id", "email_verified"]).where("email_identity", "=", identity).where("id", "<>", link.userId).executeTakeFirst();
    // Whoever follows the way back has the mailbox, which the other has never shown.
    const how = owner === undefined ? undefined : takenBack?.ousted(owner.id);
    if (owner !== undefined && (how === undefined || owner.email_verified === 1)) return "taken";
    const unlessLast = how?.unlessLast;
    if (owner !== undefined && unlessLast !== undefined && (await isLast(trx, engine, owner.id, unlessLast))) return "taken";
    if (owner !== undefined && engine.locksRows) {
      const both = trx.selectFrom("users").select("id").where("id", "in", [owner.id, link.userId]).orderBy("id");
      await both.forUpdate().execute();
    }
    if (!(await useLink(trx, engine, link.userId, link.hash, link.at))) return null;
    // Disabled meanwhile, or with another password: the link is used up all the same. The row is locked with the link.
    if (!(await isAsVerified(trx, asked))) return null;
    const ousted = owner === undefined || how === undefined ? null : { user: await oust(trx, owner.id, link.at), how };
    await trx
      .updateTable("users")
      .set({ email, email_identity: identity, email_verified: 1, ...(takenBack === null ? {} : { password_hash: takenBack.newHash }) })
      .where("id", "=", link.userId)
      .execute();
    const user = await raiseVersion(trx, link.userId);
    if (user === null) return null;
    await indexUser(trx, user);
    if (takenBack !== null) {
      const later = trx.deleteFrom("mail_links").where("user_id", "=", user.id).where("created_at", ">=", takenBack.since);
      await later.where("hash", "<>", link.hash).execute();
      await trx.deleteFrom("identities").where("user_id", "=", user.id).execute();
      await deleteFactors(trx, user.id, takenBack.since);
      await revokeSessionRows(trx, user.id, link.at, "password_changed", null);
    }
    const out = ousted && { ...(await recordVersion(trx, ousted.user, ousted.how, appendRevocation)), audit: ousted.how.audit };
    return { ...(await recordVersion(trx, user, asked, appendRevocation)), ousted: out };
  }

  return {
    async verifyEmail({ userId, hash, at }, audit) {
      return db.transaction().execute(async (trx) => {
        if (!(await useLink(trx, engine, userId, hash, at))) return null;
        const verified = trx.updateTable("users").set({ email_verified: 1 }).where("id", "=", userId).where("disabled_at", "is", null);
        const row = await verified.returningAll().executeTakeFirst();
        if (row === undefined) return null;
        await appendAudit(trx, audit);
        return toUser(row);
      });
    },

    async changeEmail(asked) {
      for (let tries = 1; ; tries++) {
        try {
          return await db.transaction().execute((trx) => change(trx, asked));
        } catch (error) {
          // Who signs up holds no lock on the address: they may have come after the look.
          if (!engine.isEmailTaken(error)) throw error;
          if (asked.takenBack === null || tries === UNDO_TRIES) return "taken";
        }
      }
    },
  };
}

async function isAsVerified(trx: Kysely<Database>, { link, verifiedHash }: EmailChange): Promise<boolean> {
  let query = trx.selectFrom("users").select("id").where("id", "=", link.userId).where("disabled_at", "is", null);
  if (verifiedHash !== null) query = query.where("password_hash", "=", verifiedHash);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Takes the address from an account that has never shown it to be its own, and shuts it: nobody finds it by mail any more. */
async function oust(trx: Kysely<Database>, id: string, at: number): Promise<User> {
  const row = await trx
    .updateTable("users")
    // No id is an e-mail address.
    .set((eb) => ({ email_identity: eb.ref("id"), token_version: eb("token_version", "+", 1), disabled_at: eb.fn.coalesce("disabled_at", eb.val(at)) }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await indexUser(trx, toUser(row));
  await revokeSessionRows(trx, id, at, "user_disabled", null);
  await revokeApiKeyRows(trx, id, at);
  return toUser(row);
}
