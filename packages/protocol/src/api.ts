/** Bodies of the first-party HTTP API, as they stand on the wire. Times in ISO 8601, durations in seconds. */

export interface SignupRequest {
  email: string;
  password: string;
  name?: string | undefined;
  remember?: boolean | undefined;
  delivery?: Delivery | undefined;
}

export interface LoginRequest {
  email: string;
  password: string;
  remember?: boolean | undefined;
  delivery?: Delivery | undefined;
}

/** Where the refresh token goes: an HttpOnly cookie (browsers), or the response body (mobile, CLI). */
export type Delivery = "cookie" | "body";

export interface RefreshRequest {
  refreshToken?: string | undefined;
}

export interface UpdateMeRequest {
  name?: string | undefined;
}

export interface ChangePasswordRequest {
  currentPassword: string;
  newPassword: string;
}

/** What login, sign-up and refresh answer with. */
export interface TokenResponse {
  accessToken: string;
  /** `DPoP` where the session is bound to a key (RFC 9449). */
  tokenType: "Bearer" | "DPoP";
  /** Lifetime of the access token, in seconds. */
  expiresIn: number;
  /** For `X-CSRF-Token`; bound to the session. */
  csrfToken: string;
  user: User;
  /** With `delivery: "body"` only. */
  refreshToken?: string;
}

export interface User {
  id: string;
  email: string;
  emailVerified: boolean;
  name: string | null;
  roles: string[];
  createdAt: string;
}

export interface UserResponse {
  user: User;
}

export interface CsrfResponse {
  csrfToken: string;
}

/** A login on one device. */
export interface Session {
  id: string;
  /** True for the session the asking token belongs to. */
  current: boolean;
  /** For people: "Chrome on macOS". */
  device: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  remember: boolean;
}

export interface SessionsResponse {
  sessions: Session[];
}
