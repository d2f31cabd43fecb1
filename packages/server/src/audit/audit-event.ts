/**
 * Audit: what happened to whom, from where, and how it ended. Append-only.
 * Owns the events; they are written in the transaction of what they tell of.
 */

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
  | "authorized"
  | "app_session_began"
  | "code_reused"
  | "consent_given"
  | "consent_withdrawn"
  | "logout_undelivered"
  | "key_state_changed"
  | "key_rotation_planned"
  | "secret_rotated";

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
): AuditEvent {
  return {
    at,
    type,
    userId: who.userId ?? null,
    sessionId: who.sessionId ?? null,
    ip: origin.ip,
    userAgent: origin.userAgent,
    detail: origin.by === undefined ? detail : { ...detail, by: origin.by },
  };
}
