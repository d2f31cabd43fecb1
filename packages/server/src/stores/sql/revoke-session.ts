import type { RevocationEntry } from "@ostiary/protocol";
import type { Kysely } from "kysely";
import type { SessionRevocation, SessionStore } from "../../sessions/session-store.ts";
import { appendAudit } from "./append.ts";
import { inGroups } from "./in-groups.ts";
import type { Database } from "./schema.ts";
import { carrySignOns } from "./sql-sign-on-store.ts";
import type { AppendRevocation, SqlEngine } from "./sql-engine.ts";

interface SignOut {
  readonly id: string;
  readonly revocation: SessionRevocation;
}

type Revoked = { readonly entry: RevocationEntry | null } | null;

/** Few enough that whoever comes meanwhile does not wait long for the connection. */
const MAX_GROUP = 32;

/**
 * Each sign-out waits until the disk has it. Where there is one writer at a time, those that come together are one
 * transaction. Where rows are locked, each is its own: it holds one session's lock, and never waits in a circle.
 */
export function revokeOn(db: Kysely<Database>, appendRevocation: AppendRevocation, engine: SqlEngine): SessionStore["revoke"] {
  const revoke = (trx: Kysely<Database>, signOut: SignOut) => revokeSession(trx, signOut, appendRevocation, engine);
  if (engine.locksRows) return (id, revocation) => db.transaction().execute((trx) => revoke(trx, { id, revocation }));

  const together = inGroups<SignOut, Revoked>(
    (group) =>
      db.transaction().execute(async (trx) => {
        const answers = new Map<SignOut, Revoked>();
        for (const signOut of group) answers.set(signOut, await revoke(trx, signOut));
        return (signOut) => answers.get(signOut) ?? null;
      }),
    { max: MAX_GROUP },
  );
  return (id, revocation) => together({ id, revocation });
}

async function revokeSession(
  trx: Kysely<Database>,
  { id, revocation: { at, reason, entry, audit, renewedBy } }: SignOut,
  appendRevocation: AppendRevocation,
  { locksRows }: SqlEngine,
): Promise<Revoked> {
  const { numUpdatedRows } = await trx
    .updateTable("sessions")
    .set({ revoked_at: at, revoked_reason: reason, ends_at: at })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) {
    // Locked: the end that was there already may not have reached the standby yet, and a lock is a write, whose commit
    // waits until it has.
    let ended = trx.selectFrom("sessions").select("id").where("id", "=", id);
    if (locksRows) ended = ended.forUpdate();
    return (await ended.executeTakeFirst()) === undefined ? null : { entry: null };
  }
  if (renewedBy !== undefined) await carrySignOns(trx, id, renewedBy);
  await appendAudit(trx, audit);
  return { entry: await appendRevocation(trx, entry) };
}
