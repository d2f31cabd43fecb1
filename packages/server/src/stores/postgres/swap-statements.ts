/**
 * The compare-and-swap of sessions' rows: writes what a rotation changes if the row is still as it was read, audits it,
 * and returns the user as of this very statement. What a decision depends on, and what it changes, is in the condition.
 *
 * Each tells Postgres not to wait for standbys with it: a rotation that a failover loses heals by itself, since every
 * token handed out is newer than the row then. It is still on the primary's disk before it is answered.
 */
import type { AuditEvent } from "../../audit/audit-event.ts";
import type { Session } from "../../sessions/session.ts";
import { toAuditRow } from "../sql/append.ts";
import { rotatedColumns } from "../sql/session-row.ts";
import type { Statement } from "./pool.ts";

export interface Swap {
  readonly before: Session;
  readonly after: Session;
  readonly audit: AuditEvent | null;
}

/** Evaluated with the rows that are returned, so before the commit that it is for, and for no other. */
export const WITHOUT_STANDBYS = "set_config('synchronous_commit', 'local', true)";

const AUDIT = "at, type, user_id, session_id, ip, user_agent, detail";
const AUDIT_TYPES = ["::bigint", "::text", "::text", "::text", "::text", "::text", "::text"];

/** Of one session. It waits for whoever has locked the row. */
export function swapStatement({ before, after, audit }: Swap): Statement {
  const columns = rotatedColumns(after);
  const names = Object.keys(columns);
  const values: unknown[] = [before.id, before.generation, before.lateGeneration, JSON.stringify(before.retired)];
  const set = names.map((name, i) => `${name} = $${values.length + i + 1}`).join(", ");
  values.push(...Object.values(columns));
  const auditAt = values.length;
  if (audit !== null) values.push(...Object.values(toAuditRow(audit)));
  const audited =
    audit === null
      ? ""
      : `, audited as (
          insert into audit (${AUDIT})
          select ${AUDIT_TYPES.map((type, i) => `$${auditAt + i + 1}${type}`).join(", ")} from swapped
        )`;
  return {
    name: audit === null ? "ostiary_swap_session" : "ostiary_swap_session_audited",
    text: `
      with swapped as (
        update sessions set ${set}
        where id = $1 and generation = $2 and late_generation is not distinct from $3 and retired = $4
          and revoked_at is null
        returning user_id
      )${audited}
      select to_jsonb(u) as user_row, ${WITHOUT_STANDBYS} from swapped join users u on u.id = swapped.user_id`,
    values,
  };
}

/** What `rotatedColumns` are, to Postgres. */
const COLUMN_TYPES: Record<keyof ReturnType<typeof rotatedColumns>, string> = {
  generation: "bigint",
  refresh_key_id: "text",
  retired: "text",
  rotation_key_hash: "text",
  late_generation: "bigint",
  rotated_at: "bigint",
  ends_at: "bigint",
  device_label: "text",
  ip: "text",
  user_agent: "text",
  revoked_at: "bigint",
  revoked_reason: "text",
};
const COLUMNS = Object.entries(COLUMN_TYPES);

/**
 * Several sessions in one statement, each with a row of the answer if it was swapped. It takes several locks, so it
 * waits for none, or two of its kind could wait for each other: what is locked is left as it is.
 */
const SWAP_ALL = `
  with wanted as (
    select * from json_to_recordset($2::json) as w (
      id text, was_generation bigint, was_late bigint, was_retired text,
      ${COLUMNS.map(([name, type]) => `${name} ${type}`).join(", ")}
    )
  ), locked as (
    select id from sessions where id = any($1::text[]) for update skip locked
  ), swapped as (
    update sessions s set ${COLUMNS.map(([name]) => `${name} = w.${name}`).join(", ")}
    from wanted w join locked l on l.id = w.id
    where s.id = w.id and s.id = any($1::text[]) and s.generation = w.was_generation
      and s.late_generation is not distinct from w.was_late and s.retired = w.was_retired and s.revoked_at is null
    returning s.id, s.user_id
  ), audited as (
    insert into audit (${AUDIT})
    select event.at, type, event.user_id, session_id, ip, user_agent, detail
    from json_to_recordset($3::json) as event (
      at bigint, type text, user_id text, session_id text, ip text, user_agent text, detail text, swapped text
    ) join swapped on swapped.id = event.swapped
  )
  select swapped.id, to_jsonb(u) as user_row, ${WITHOUT_STANDBYS}
  from swapped join users u on u.id = swapped.user_id`;

/** Of several sessions; of each one or more that write the same. */
export function swapAllStatement(sessions: readonly (readonly Swap[])[]): Statement {
  const rows = sessions.flatMap((swaps) => swaps.slice(0, 1)).map(({ before, after }) => ({
    id: before.id,
    was_generation: before.generation,
    was_late: before.lateGeneration,
    was_retired: JSON.stringify(before.retired),
    ...rotatedColumns(after),
  }));
  const events = sessions.flat().flatMap(({ before, audit }) => (audit === null ? [] : [{ ...toAuditRow(audit), swapped: before.id }]));
  const values = [rows.map(({ id }) => id), JSON.stringify(rows), JSON.stringify(events)];
  return { name: "ostiary_swap_sessions", text: SWAP_ALL, values };
}
