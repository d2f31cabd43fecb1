import type { RevocationEntry } from "@ostiary/protocol";
import type { Expression, Kysely, SqlBool } from "kysely";
import type { LogWatch, RevocationDraft } from "../../revocation/revocation-store.ts";
import type { SessionStore } from "../../sessions/session-store.ts";
import type { Database } from "./schema.ts";
import type { ConfirmAll, SessionLedger } from "./session-ledger.ts";

/** Appends to the revocation log, inside the transaction of what is revoked. */
export type AppendRevocation = (trx: Kysely<Database>, draft: RevocationDraft) => Promise<RevocationEntry>;

/** What the engines do differently. Everything else is one set of queries. */
export interface SqlEngine {
  readonly columns: ColumnTypes;
  /** Whether rows that a transaction decides on must be locked; where one writer excludes all others, not. */
  readonly locksRows: boolean;
  /**
   * Lets the transaction go on once it is the only one that appends to the revocation log, until it has ended: the log's
   * numbers must come in commit order.
   */
  readonly alone: (trx: Kysely<Database>) => Promise<void>;
  /** Lets the transaction go on once no other under way may take a role from its last holder. */
  readonly holdRoles: (trx: Kysely<Database>) => Promise<void>;
  /** Lets the transaction go on once no other under way gives the same e-mail identity to somebody. */
  readonly holdEmail: (trx: Kysely<Database>, identity: string) => Promise<void>;
  /** Whether a statement failed because somebody has got the e-mail identity since it was looked for. */
  readonly isEmailTaken: (error: unknown) => boolean;
  /** Whether `column` is one of the few `keys`, in the form that is answered by index whatever the planner thinks. */
  readonly isAmong: (column: string, keys: Expression<unknown>) => Expression<SqlBool>;
  /** The hottest write, each engine its own way. */
  readonly rotate: (db: Kysely<Database>, appendRevocation: AppendRevocation) => SessionStore["rotate"];
  /** The same read without the write, for rotations that are written elsewhere. */
  readonly readSession: (db: Kysely<Database>) => SessionLedger["read"];
  /** And what follows such a write. */
  readonly confirmAll: (db: Kysely<Database>) => ConfirmAll;
  readonly watch: LogWatch;
  /** Lets go of the database. Whatever comes after fails as with any store that does not answer. */
  readonly close: () => Promise<void>;
}

/** Column types, where the engines have other words. */
export interface ColumnTypes {
  readonly bytes: "blob" | "bytea";
  readonly numbering: "autoincrement" | "identity";
}
