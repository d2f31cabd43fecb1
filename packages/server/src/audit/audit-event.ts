/**
 * Audit: what happened to whom, from where, and how it ended. Append-only.
 * Owns the events; they are written in the transaction of what they tell of.
 */

import type { MailDraft } from "../mail/mail-draft.ts";

export type AuditEventType =
  | "signup"
  | "login"
  | "login_failed"
  | "session_adopted"
  | "refresh"
  | "refresh_repeated"
  | "refresh_token_reused"
  | "logout"
  | "logout_all"
  | "session_revoked"
  | "limit_reached"
  | "suspicious"
  | "password_changed"
  | "identity_linked"
  | "identity_unlinked"
  | "second_factor_added"
  | "second_factor_removed"
  | "second_factor_failed"
  | "recovery_code_used"
  | "recovery_codes_replaced"
  | "second_factors_reset"
  | "passkey_counter"
  | "password_hash_upgraded"
  | "password_change_failed"
  | "profile_updated"
  | "user_created"
  | "user_disabled"
  | "roles_changed"
  | "token_version_raised"
  | "user_enabled"
  | "user_deleted"
  | "user_unlocked"
  | "token_revoked"
  | "client_created"
  | "client_secret_rotated"
  | "client_updated"
  | "client_deleted"
  | "client_authentication_failed"
  | "api_key_created"
  | "api_key_rotated"
  | "api_key_revoked"
  | "registration_token_created"
  | "registration_token_deleted"
  | "authorized"
  | "app_session_began"
  | "code_reused"
  | "consent_given"
  | "consent_withdrawn"
  | "device_denied"
  | "device_code_wrong"
  | "logout_undelivered"
  | "key_state_changed"
  | "key_rotation_planned"
  | "secret_rotated"
  | "signup_requested"
  | "signup_failed"
  | "password_reset_requested"
  | "password_reset"
  | "email_verification_requested"
  | "email_verified"
  | "email_change_requested"
  | "email_changed"
  | "email_change_undone"
  | "mail_sent"
  | "mail_undelivered";

export interface AuditEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: AuditEventType;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** What the type alone does not say. Never a secret, never token text. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** What somebody is written about it: goes into the outbox in the same transaction, and not into the audit. */
  readonly mail?: MailDraft | undefined;
}

/** Where a request came from, as far as the server knows. */
export interface Origin {
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The administrator who does this to somebody or something else. */
  readonly by?: Actor;
}

export interface Actor {
  readonly id: string;
  readonly email: string;
}

/** For what is done by the CLI or by the application itself. */
export const LOCAL_ORIGIN: Origin = { ip: null, userAgent: null };

export function auditEvent(
  type: AuditEventType,
  at: number,
  origin: Origin,
  who: { userId?: string | null; sessionId?: string | null },
  detail: Readonly<Record<string, unknown>> = {},
  mail?: MailDraft,
): AuditEvent {
  return {
    ...(mail === undefined ? {} : { mail }),
    at,
    type,
    userId: who.userId ?? null,
    sessionId: who.sessionId ?? null,
    ip: origin.ip,
    userAgent: origin.userAgent,
    detail: origin.by === undefined ? detail : { ...detail, by: origin.by },
  };
}
