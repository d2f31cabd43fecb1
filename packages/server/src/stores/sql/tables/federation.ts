/** Whom another issuer knows a user as. */
export interface IdentitiesTable {
  issuer: string;
  subject: string;
  user_id: string;
  label: string | null;
  linked_at: number;
}

/** Sign-ins that are under way at another issuer, and what came back and waits for a password. */
export interface SignInTransactionsTable {
  hash: string;
  browser_hash: string;
  provider: string;
  purpose: string;
  detail: string;
  expires_at: number;
}
