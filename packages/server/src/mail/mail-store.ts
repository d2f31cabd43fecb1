import type { AuditEvent } from "../audit/audit-event.ts";
import type { MailDraft } from "./mail-draft.ts";
import type { MailLink } from "./mail-link.ts";

/** The outbox and the links. What is put into the outbox comes with the audit event of what it tells of. */
export interface MailStore {
  /** Takes mails that are due, for `leaseMs`: no other replica gets them before. The oldest first. */
  takeDue(now: number, leaseMs: number, limit: number): Promise<QueuedMail[]>;
  /** Takes a mail out of the outbox, for good, with what the audit says of it. */
  settle(id: string, audit: AuditEvent | null): Promise<void>;
  /** It is due again at this time. */
  retryAt(id: string, at: number): Promise<void>;
  /**
   * Keeps a link in place of the one that is in its slot, unless that one is newer. True if the link is there, not used and
   * not over: also where it was kept before.
   */
  keepLink(link: MailLink, now: number): Promise<boolean>;
  findLink(hash: string): Promise<MailLink | null>;
  /** Drops up to `limit` links that were over before `before`. Tells how many. */
  dropExpired(before: number, limit: number): Promise<number>;
}

export interface QueuedMail extends Omit<MailDraft, "link"> {
  /** How often it has been tried before. */
  readonly tries: number;
}
