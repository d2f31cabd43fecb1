import { toAuditRow } from "../sql/append.ts";
import { inGroups } from "../sql/in-groups.ts";
import type { SessionRow } from "../sql/tables/sessions.ts";
import type { UserRow } from "../sql/tables/users.ts";
import type { ConfirmAll, SessionAndUser, SessionLedger } from "../sql/session-ledger.ts";
import { toSession } from "../sql/session-row.ts";
import { toUser } from "../sql/user-row.ts";
import type { Pool } from "./pool.ts";
import { WITHOUT_STANDBYS } from "./swap-statements.ts";

const READ = `
  select s.*, to_jsonb(u) as user_row from sessions s join users u on u.id = s.user_id where s.id = any($1::text[])`;

/**
 * The sessions that have not ended as of now, and the audit of what they did: one statement, however many. What they did
 * is written elsewhere already, and a standby need not have its audit.
 */
const CONFIRM = `
  with live as (
    select id from sessions where id = any($1::text[]) and revoked_at is null
  ), audited as (
    insert into audit (at, type, user_id, session_id, ip, user_agent, detail)
    select at, type, user_id, session_id, ip, user_agent, detail
    from json_to_recordset($2::json) as event (
      confirmed text, at bigint, type text, user_id text, session_id text, ip text, user_agent text, detail text
    ) join live on live.id = confirmed
  )
  select id, ${WITHOUT_STANDBYS} from live`;

/** Reads that come together are one statement. */
export function readInGroups(pool: Pool): SessionLedger["read"] {
  return inGroups<string, SessionAndUser | null>(async (ids) => {
    const { rows } = await pool.run({ name: "ostiary_read_sessions", text: READ, values: [[...new Set(ids)]] });
    const found = new Map<string, SessionAndUser>();
    for (const row of rows as unknown as (SessionRow & { user_row: UserRow })[]) {
      found.set(row.id, { session: toSession(row), user: toUser(row.user_row) });
    }
    return (id) => found.get(id) ?? null;
  });
}

export function confirmInStatement(pool: Pool): ConfirmAll {
  return async (group) => {
    const ids = new Set(group.map(({ id }) => id));
    const events = group.flatMap(({ id, audit }) => (audit === null ? [] : [{ confirmed: id, ...toAuditRow(audit) }]));
    const values = [[...ids], JSON.stringify(events)];
    const { rows } = await pool.run({ name: "ostiary_confirm_sessions", text: CONFIRM, values });
    return new Set(rows.map((row) => row["id"] as string));
  };
}
