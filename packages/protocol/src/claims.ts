/** The claims of Ostiary's own tokens, and their `typ` header values (RFC 7519 §4.1, RFC 9068 §2.2). */

/** `typ` of access tokens (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYPE = "at+jwt";

/** `typ` of refresh tokens. No validator accepts one where an access token is due (RFC 8725 §3.11). */
export const REFRESH_TOKEN_TYPE = "rt+jwt";

/** `client_id` of tokens that were not asked for by a registered OAuth client. */
export const FIRST_PARTY_CLIENT_ID = "first-party";

/** Claims of an access token. Times in seconds since the epoch. Your own claims stand beside these. */
export interface AccessTokenClaims {
  iss: string;
  sub: string;
  aud: string | string[];
  exp: number;
  iat: number;
  jti: string;
  client_id: string;
  /** The session the token was issued in. */
  sid: string;
  /** The user's token version; older ones than the user's current are stale. */
  ver: number;
  /** Scopes separated by spaces (RFC 6749 §3.3); may be empty. */
  scope: string;
  roles: string[];
}

/** Claims of a refresh token: only its issuer reads them. Times in seconds since the epoch. */
export interface RefreshTokenClaims {
  iss: string;
  sid: string;
  /** The generation of the session this token belongs to. */
  gen: number;
  /** HMAC of the generation under the session's own secret. */
  jti: string;
  iat: number;
  exp: number;
}
