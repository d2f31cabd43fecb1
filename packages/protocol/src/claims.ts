/** The claims of Ostiary's own tokens, and their `typ` header values (RFC 7519 §4.1, RFC 9068 §2.2). */

/** `typ` of access tokens (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYPE = "at+jwt";

/** `typ` of refresh tokens. No validator accepts one where an access token is due (RFC 8725 §3.11). */
export const REFRESH_TOKEN_TYPE = "rt+jwt";

/** `client_id` of tokens that were not asked for by a registered OAuth client. */
export const FIRST_PARTY_CLIENT_ID = "first-party";

/** `client_id` of what a user's API key stands for. A service account's key has the account's own. */
export const API_KEY_CLIENT_ID = "api-key";

/** `acr` of whoever signed in by a password alone (OIDC Core §2). */
export const PASSWORD_ACR = "urn:ostiary:acr:password";

/** `acr` of whoever signed in by two factors, or by a passkey that verified its user. */
export const MFA_ACR = "urn:ostiary:acr:mfa";

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
  /** When its user proved who they are; absent where nobody knows, and where there is no user (RFC 9068 §2.2.1). */
  auth_time?: number;
  /** By what they did (RFC 8176); absent where there is no word for it. No refresh changes it. */
  amr?: readonly string[];
  /** How sure that makes: `PASSWORD_ACR` or `MFA_ACR`; absent where only another issuer knows. */
  acr?: string;
  /** The key that it is bound to, by its RFC 7638 thumbprint: worth nothing without a proof by that (RFC 9449 §6.1). */
  cnf?: { jkt: string };
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
