import { setImmediate as turn } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { AddressQuery } from "../../audit/audit-store.ts";
import { auditIdAt } from "./audit-id-at.ts";
import type { Database } from "./schema.ts";
import type { AuditRow } from "./tables/audit.ts";

/** Numbers looked through at once: some milliseconds. Then others get their turn. */
const SLICE = 20_000;
const LOOKED_THROUGH = 1_000_000;

/**
 * The events of one address, without an index: refreshes are most of the audit, and one more index would cost each of
 * them. Looked through slice by slice; `next` says where to go on after a full page, or after a million numbers.
 */
export async function auditOfAddress(
  db: Kysely<Database>,
  { ip, types, since, until, before, after, limit }: AddressQuery & { limit: number },
): Promise<{ rows: AuditRow[]; next: number | null }> {
  const isBackwards = after === undefined;
  const [first, last] = [await endOf(db, "min"), await endOf(db, "max")];
  let from = Math.max(first, (after ?? 0) + 1, since === undefined ? 0 : await auditIdAt(db, since));
  let to = Math.min(last + 1, before ?? Infinity, until === undefined ? Infinity : await auditIdAt(db, until));
  const rows: AuditRow[] = [];
  for (let looked = 0; from < to && looked < LOOKED_THROUGH; looked += SLICE) {
    const [low, high] = isBackwards ? [Math.max(from, to - SLICE), to] : [from, Math.min(to, from + SLICE)];
    let slice = db
      .selectFrom("audit")
      .selectAll()
      .where("id", ">=", low)
      .where("id", "<", high)
      .where("ip", "=", ip)
      .orderBy("id", isBackwards ? "desc" : "asc")
      .limit(limit - rows.length);
    if (types !== undefined) slice = slice.where("type", "in", types);
    rows.push(...(await slice.execute()));
    if (rows.length === limit) return { rows, next: Number(rows.at(-1)?.id) };
    if (isBackwards) to = low;
    else from = high;
    await turn();
  }
  if (from >= to) return { rows, next: null };
  return { rows, next: isBackwards ? to : from - 1 };
}

/** The first number there is, or the last; 0 if there is none. Both in one statement would read it from end to end. */
async function endOf(db: Kysely<Database>, which: "min" | "max"): Promise<number> {
  const { id } = await db.selectFrom("audit").select((eb) => eb.fn[which]("id").as("id")).executeTakeFirstOrThrow();
  return Number(id ?? 0);
}
