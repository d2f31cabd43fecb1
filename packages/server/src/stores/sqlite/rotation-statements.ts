import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { AuditEvent } from "../../audit/audit-event.ts";
import type { Session } from "../../sessions/session.ts";
import type { SessionAndUser } from "../sql/session-ledger.ts";
import type { SessionRow } from "../sql/tables/sessions.ts";
import type { UserRow } from "../sql/tables/users.ts";
import { rotatedColumns, toSession } from "../sql/session-row.ts";
import { toUser } from "../sql/user-row.ts";
import { guarded } from "./node-sqlite-dialect.ts";

/** The statements of a rotation, parsed once: building them anew costs several times what running them does. */
export function prepareRotation(database: DatabaseSync) {
  let readSession: StatementSync | undefined;
  let readUser: StatementSync | undefined;
  let update: StatementSync | undefined;
  let insert: StatementSync | undefined;
  let live: StatementSync | undefined;
  return {
    read(id: string): SessionAndUser | null {
      return guarded(() => {
        readSession ??= database.prepare("select * from sessions where id = ?");
        readUser ??= database.prepare("select * from users where id = ?");
        const row = readSession.get(id) as SessionRow | undefined;
        const user = row && (readUser.get(row.user_id) as UserRow | undefined);
        return row && user ? { session: toSession(row), user: toUser(user) } : null;
      });
    },

    isLive(id: string): boolean {
      return guarded(() => {
        live ??= database.prepare("select 1 from sessions where id = ? and revoked_at is null");
        return live.get(id) !== undefined;
      });
    },

    write(session: Session): void {
      const columns = rotatedColumns(session);
      guarded(() => {
        const set = Object.keys(columns).map((name) => `${name} = ?`);
        update ??= database.prepare(`update sessions set ${set.join(", ")} where id = ?`);
        update.run(...(Object.values(columns) as SQLInputValue[]), session.id);
      });
    },

    audit({ at, type, userId, sessionId, ip, userAgent, detail }: AuditEvent): void {
      guarded(() => {
        insert ??= database.prepare(
          "insert into audit (at, type, user_id, session_id, ip, user_agent, detail) values (?, ?, ?, ?, ?, ?, ?)",
        );
        insert.run(at, type, userId, sessionId, ip, userAgent, JSON.stringify(detail));
      });
    },
  };
}
