/**
 * The steps of transactions that revoke. Every transaction takes its locks in one order, so that none waits for another
 * in a circle: the holders of roles, the user, then sessions, then the log.
 */
import type { Kysely } from "kysely";
import type { RevokedReason } from "../../sessions/session.ts";
import type { Revoked, VersionChange } from "../../users/user-store.ts";
import type { User } from "../../users/user.ts";
import { appendAudit } from "./append.ts";
import type { AppendRevocation } from "./sql-engine.ts";
import type { Database } from "./schema.ts";
import { toUser } from "./user-row.ts";

/** Raises the token version. Null if there is no such user. */
export async function raiseVersion(trx: Kysely<Database>, id: string): Promise<User | null> {
  const row = await trx
    .updateTable("users")
    .set((eb) => ({ token_version: eb("token_version", "+", 1) }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : toUser(row);
}

/** Logs what a raised version makes of older tokens, and audits it. The last step, because it waits for others. */
export async function recordVersion(
  trx: Kysely<Database>,
  user: User,
  change: VersionChange,
  appendRevocation: AppendRevocation,
): Promise<Revoked> {
  await appendAudit(trx, change.audit);
  return { user, entry: await appendRevocation(trx, change.revocation(user.id, user.tokenVersion)) };
}

/** Marks a user's sessions as revoked, but for `keepSessionId`. Idle ones too: a row that lost writes looks idle. */
export async function revokeSessionRows(
  trx: Kysely<Database>,
  userId: string,
  at: number,
  reason: RevokedReason,
  keepSessionId: string | null,
): Promise<void> {
  let update = trx
    .updateTable("sessions")
    .set({ revoked_at: at, revoked_reason: reason, ends_at: at })
    .where("user_id", "=", userId)
    .where("revoked_at", "is", null);
  if (keepSessionId !== null) update = update.where("id", "!=", keepSessionId);
  await update.execute();
}
