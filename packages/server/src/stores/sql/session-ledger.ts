import type { AuditEvent } from "../../audit/audit-event.ts";
import type { SessionStore } from "../../sessions/session-store.ts";
import type { Session } from "../../sessions/session.ts";
import type { User } from "../../users/user.ts";

/**
 * What the database keeps of sessions whose rotations are kept elsewhere: how they began, whose they are, and that they
 * have ended. Its rows stand still at the generation they began with, or had when the rotations moved away.
 */
export interface SessionLedger extends Omit<SessionStore, "rotate"> {
  /** The row and its user, as of one moment. */
  read(id: string): Promise<SessionAndUser | null>;
  /** Keeps a row that was made to end when idle: from now on its rotations happen elsewhere. */
  adopt(id: string): Promise<void>;
  /** Audits what became of a session elsewhere. False, and nothing is audited, if the session has ended by now. */
  confirm(id: string, audit: AuditEvent | null): Promise<boolean>;
}

export interface SessionAndUser {
  readonly session: Session;
  readonly user: User;
}

/** What became of a session elsewhere. */
export interface Confirmation {
  readonly id: string;
  readonly audit: AuditEvent | null;
}

/** Tells which of the sessions have not ended, and audits what those did; as of one moment, and committed. */
export type ConfirmAll = (group: readonly Confirmation[]) => Promise<ReadonlySet<string>>;
