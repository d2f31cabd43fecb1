import type { Kysely } from "kysely";
import type { RevokedReason } from "../../sessions/session.ts";
import type { Revoked, VersionChange } from "../../users/user-store.ts";
import { appendAudit, appendRevocation } from "./append.ts";
import type { Database } from "./schema.ts";
import { toUser } from "./user-row.ts";

/** Raises the token version, logs what that makes of older tokens, and audits it. Null if there is no such user. */
export async function raiseVersion(trx: Kysely<Database>, id: string, change: VersionChange): Promise<Revoked | null> {
  const row = await trx
    .updateTable("users")
    .set((eb) => ({ token_version: eb("token_version", "+", 1) }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return null;
  const user = toUser(row);
  const entry = await appendRevocation(trx, change.revocation(user.id, user.tokenVersion));
  await appendAudit(trx, change.audit);
  return { user, entry };
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
