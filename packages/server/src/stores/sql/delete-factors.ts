import type { Kysely } from "kysely";
import type { Database } from "./schema.ts";

/**
 * Takes away a user's second factors, but for those from before `since`, and with the first of them the recovery codes. False
 * if there was none. What is pending goes in any case: somebody may be half way in by a factor that is lost, or be adding one.
 */
export async function deleteFactors(trx: Kysely<Database>, userId: string, since = 0): Promise<boolean> {
  await trx.deleteFrom("pending_sign_ins").where("user_id", "=", userId).execute();
  const totp = await trx.deleteFrom("totp_secrets").where("user_id", "=", userId).where("created_at", ">=", since).executeTakeFirstOrThrow();
  const passkeys = await trx.deleteFrom("passkeys").where("user_id", "=", userId).where("created_at", ">=", since).executeTakeFirstOrThrow();
  if (totp.numDeletedRows + passkeys.numDeletedRows === 0n) return false;
  await deleteRecoveryCodes(trx, userId);
  return true;
}

/**
 * Leaves a user's second factors what they are, and takes from passkeys that they can stand alone: whoever holds the mailbox
 * gets past no second step by it, and whoever has a passkey of before gets in by nothing else.
 */
export async function barPasskeysAlone(trx: Kysely<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("pending_sign_ins").where("user_id", "=", userId).execute();
  await trx.updateTable("passkeys").set({ user_verified: 0 }).where("user_id", "=", userId).execute();
}

export async function deleteRecoveryCodes(trx: Kysely<Database>, userId: string): Promise<void> {
  await trx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
}
