import type { Kysely } from "kysely";
import { OstiaryError } from "../../errors.ts";
import { roleTerm } from "../../users/search-terms.ts";
import type { ExclusionChange } from "../../users/user-store.ts";
import type { SqlEngine } from "./sql-engine.ts";
import type { Database } from "./schema.ts";

/**
 * The first step of a transaction that may take a role from its last holder. Locked before any row is: of two who take it
 * from each other, the second sees what the first has done.
 */
export async function refuseLast(
  trx: Kysely<Database>,
  { holdRoles }: Pick<SqlEngine, "holdRoles">,
  id: string,
  { unlessLast }: ExclusionChange,
): Promise<void> {
  if (unlessLast === undefined) return;
  await holdRoles(trx);
  const other = await trx
    .selectFrom("user_terms")
    .innerJoin("users", "users.id", "user_terms.user_id")
    .select("users.id")
    .where("user_terms.term", "=", roleTerm(unlessLast))
    .where("users.id", "!=", id)
    .where("users.disabled_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  if (other !== undefined) return;
  throw new OstiaryError("invalid_request", `Nobody else who can sign in has the role ${unlessLast}.`);
}

/** Whether this user alone has the role, of those who can sign in. Locked likewise, before any row is. */
export async function isLast(
  trx: Kysely<Database>,
  { holdRoles }: Pick<SqlEngine, "holdRoles">,
  id: string,
  role: string,
): Promise<boolean> {
  await holdRoles(trx);
  const holders = await trx
    .selectFrom("user_terms")
    .innerJoin("users", "users.id", "user_terms.user_id")
    .select("users.id")
    .where("user_terms.term", "=", roleTerm(role))
    .where("users.disabled_at", "is", null)
    .limit(2)
    .execute();
  return holders.length === 1 && holders[0]?.id === id;
}
