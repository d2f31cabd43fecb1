/**
 * Sessions: one login on one device, one row for its whole life.
 * Owns what a session is, the rotation of its refresh token, and its end. Knows nothing of HTTP, passwords or SQL.
 */

/** Times in milliseconds since the epoch. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  /** How many times the refresh token has rotated; only this generation's token is live. */
  readonly generation: number;
  /** 32 random bytes from which each generation's token identifier is made. */
  readonly secret: Uint8Array;
  /** The refresh key that signs the current generation's token. */
  readonly refreshKeyId: string;
  /** The last few generations that were rotated away, oldest first. */
  readonly retired: readonly Retirement[];
  /** Hash of the Idempotency-Key that came with the last rotation. */
  readonly rotationKeyHash: string | null;
  /** The generation last handed out to a browser that came late with the one before it. */
  readonly lateGeneration: number | null;
  /** Hash of the device cookie of the browser that signed in; none with body delivery. */
  readonly deviceHash: string | null;
  readonly createdAt: number;
  readonly rotatedAt: number;
  /** The absolute limit, whatever the use. */
  readonly expiresAt: number;
  /** The session ends when it was not refreshed for so long. */
  readonly idleSeconds: number;
  readonly remember: boolean;
  /** When the user proved who they are; 0 where nobody here knows that. */
  readonly authTime: number;
  /** By what the user proved who they are, in that order; none where nobody here knows that. They never change. */
  readonly methods: readonly SignInMethod[];
  readonly device: Device;
  /** Scopes and audience the session is limited to; null for what the user's roles and the configuration give. */
  readonly scope: string | null;
  readonly audience: string | null;
  /** Thumbprint of the key that its refresh tokens are bound to (RFC 9449 §5); null if whoever has one may use it. */
  readonly proofKey: string | null;
  readonly revokedAt: number | null;
  readonly revokedReason: RevokedReason | null;
}

/**
 * First factors: a password, or the word of another issuer. Second factors: a one-time code of an authenticator app, a
 * passkey, a recovery code. A passkey that verified its user may stand alone.
 */
export type SignInMethod = "pwd" | "fed" | "otp" | "passkey" | "recovery";

export interface Retirement {
  readonly generation: number;
  readonly at: number;
}

/** What a request tells of where it comes from. */
export interface Device {
  /** For people: "Chrome on macOS". */
  readonly label: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export type RevokedReason =
  | "logout"
  | "logout_all"
  | "session_deleted"
  /** Another user signed in with the browser. */
  | "replaced"
  /** The same user signed in anew: apps stay signed in, by the session that took its place. */
  | "renewed"
  | "refresh_token_revoked"
  | "password_changed"
  | "identity_unlinked"
  | "second_factor_removed"
  | "second_factors_reset"
  | "user_disabled"
  | "refresh_token_reused"
  | "code_reused"
  | "user_agent_changed"
  | "network_changed"
  | "consent_withdrawn"
  | "client_deleted";

/** When the session ends if it is not refreshed again, in milliseconds since the epoch. */
export function sessionExpiresAt(session: Session): number {
  return Math.min(session.rotatedAt + session.idleSeconds * 1000, session.expiresAt);
}

/** True while the session can still be refreshed. */
export function isLive(session: Session, now: number): boolean {
  return session.revokedAt === null && now < sessionExpiresAt(session);
}
