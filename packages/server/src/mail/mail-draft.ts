import type { MailLink } from "./mail-link.ts";

/** What is written to people. */
export const MAIL_KINDS = [
  "reset_password",
  "verify_email",
  "confirm_sign_up",
  "confirm_email",
  "account_exists",
  "email_changed",
  "email_change_undone",
  "password_changed",
  "new_device",
  "session_stolen",
  "identity_linked",
  "identity_unlinked",
  "factor_added",
  "factor_removed",
  "recovery_code_used",
  "recovery_codes_replaced",
  "factors_reset",
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

export const MAIL_LANGUAGES = ["en", "ko"] as const;
export type MailLanguage = (typeof MAIL_LANGUAGES)[number];

/**
 * A mail that is to be written: to whom and about what, not its text. It is put into the outbox in the transaction of what it
 * tells of. No secret is in it: the token of its link is derived when it is sent.
 */
export interface MailDraft {
  /** Random. What the token of its link is derived from, by whoever has the key too. */
  readonly id: string;
  readonly kind: MailKind;
  /** Null where nobody has looked yet whether there is an account. */
  readonly userId: string | null;
  readonly to: string;
  /** Null: that of the settings. */
  readonly language: MailLanguage | null;
  /** What its text says besides, and what is needed when it is sent. Nothing that a person typed gets into the text. */
  readonly detail: Readonly<Record<string, string | null>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Whoever could not be written to by then will not be. */
  readonly expiresAt: number;
  /** A link that is made with it; others are made when it is sent. */
  readonly link: MailLink | null;
}
