import type { Selectable } from "kysely";

/** What is to be sent. Who is done with takes the row out. */
export interface MailsTable {
  id: string;
  kind: string;
  user_id: string | null;
  to_address: string;
  language: string | null;
  detail: string;
  created_at: number;
  expires_at: number;
  due_at: number;
  tries: number;
}

export type MailRow = Selectable<MailsTable>;

export interface MailLinksTable {
  hash: string;
  user_id: string | null;
  purpose: string;
  slot: string;
  address: string;
  bound_to: string | null;
  payload: string | null;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

export type MailLinkRow = Selectable<MailLinksTable>;
