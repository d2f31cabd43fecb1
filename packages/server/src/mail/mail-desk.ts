/**
 * Mail: what people are written.
 * Owns the outbox and who empties it, the links in mails, the texts, and the ways a mail can go. What a link does is the
 * affair of users. Nothing that a person typed stands in any mail: whoever signs up with somebody else's address writes
 * nothing to them.
 */
import type { KeyObject } from "node:crypto";
import type { Clock } from "../clock.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import { linkHashOf, linkTokenOf } from "./mail-link.ts";
import type { LinkPurpose } from "./mail-link.ts";
import type { MailDraft, MailKind, MailLanguage } from "./mail-draft.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How long the link in a mail is good; and for so long its sending is tried. */
export const LINK_MS = {
  reset_password: 10 * MINUTE,
  verify_email: DAY,
  confirm_sign_up: DAY,
  confirm_email: DAY,
  undo_email: 7 * DAY,
} as const satisfies Record<LinkPurpose, number>;

const TRIED_FOR_MS: Record<MailKind, number> = {
  reset_password: LINK_MS.reset_password,
  verify_email: LINK_MS.verify_email,
  confirm_sign_up: LINK_MS.confirm_sign_up,
  confirm_email: LINK_MS.confirm_email,
  account_exists: DAY,
  email_changed: LINK_MS.undo_email,
  email_change_undone: DAY,
  password_changed: DAY,
  new_device: DAY,
  session_stolen: DAY,
  identity_linked: DAY,
  identity_unlinked: DAY,
  factor_added: DAY,
  factor_removed: DAY,
  recovery_code_used: DAY,
  recovery_codes_replaced: DAY,
  factors_reset: DAY,
};

const ID_BYTES = 32;

/** Where mails are drafted. */
export interface MailDesk {
  /** To be put into the outbox with the audit event of what it tells of. */
  draft(mail: MailOrder): MailDraft;
  /** The link that the mail will have in it, for what makes it together with the mail. */
  linkHash(mailId: string): string;
}

export interface MailOrder extends Pick<MailDraft, "kind" | "userId" | "to"> {
  readonly language?: MailLanguage | null;
  readonly detail?: MailDraft["detail"];
}

export function createMailDesk({ key, clock, random }: { key: () => KeyObject; clock: Clock; random: Random }): MailDesk {
  return {
    draft({ kind, userId, to, language = null, detail = {} }) {
      const createdAt = clock();
      const id = randomText(random, ID_BYTES);
      return { id, kind, userId, to, language, detail, createdAt, expiresAt: createdAt + TRIED_FOR_MS[kind], link: null };
    },
    linkHash: (mailId) => linkHashOf(linkTokenOf(key(), mailId)),
  };
}
