import type { Selectable } from "kysely";

export interface UsersTable {
  id: string;
  email: string;
  email_identity: string;
  email_verified: number;
  name: string | null;
  roles: string;
  password_hash: string;
  token_version: number;
  disabled_at: number | null;
  created_at: number;
}

export type UserRow = Selectable<UsersTable>;

/** What users are found by, several for each. */
export interface UserTermsTable {
  term: string;
  user_id: string;
}
