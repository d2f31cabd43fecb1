import type { Generated, Selectable } from "kysely";

export interface AuditTable {
  id: Generated<number>;
  at: number;
  type: string;
  user_id: string | null;
  session_id: string | null;
  ip: string | null;
  user_agent: string | null;
  detail: string;
}

export type AuditRow = Selectable<AuditTable>;
