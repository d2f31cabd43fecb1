/**
 * The error table: every `error` and `reason` an Ostiary server or guard answers with, and its HTTP status.
 * `error` is the RFC's word where there is one (RFC 6749 §5.2, RFC 6750 §3.1).
 */

/** The HTTP status of each `error`. */
export const ERROR_STATUS = {
  invalid_request: 400,
  invalid_link: 400,
  unsupported_token_type: 400,
  invalid_grant: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  unsupported_response_type: 400,
  authorization_pending: 400,
  slow_down: 400,
  access_denied: 400,
  expired_token: 400,
  invalid_client_metadata: 400,
  invalid_redirect_uri: 400,
  invalid_software_statement: 400,
  invalid_credentials: 401,
  mfa_required: 401,
  sign_in_expired: 401,
  missing_token: 401,
  invalid_token: 401,
  // 400 at the token endpoint and its like (RFC 9449 §5, §8).
  invalid_dpop_proof: 401,
  use_dpop_nonce: 401,
  // RFC 9470 §3: the token is good, and its user has to sign in anew, or by more, for this.
  insufficient_user_authentication: 401,
  invalid_client: 401,
  insufficient_scope: 403,
  insufficient_role: 403,
  csrf_failed: 403,
  unauthorized_client: 403,
  not_found: 404,
  method_not_allowed: 405,
  email_taken: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  too_many_attempts: 429,
  server_error: 500,
  unavailable: 503,
} as const;

export type ErrorName = keyof typeof ERROR_STATUS;

/** The reasons that may stand beside an `error`. Errors that are not named here have none. */
export const ERROR_REASONS = {
  invalid_request: ["malformed_json", "invalid_field"],
  invalid_token: [
    "token_malformed",
    "signature_invalid",
    "token_expired",
    "token_not_active",
    "claim_invalid",
    "token_revoked",
    "token_stale",
    "session_revoked",
    "session_expired",
    "refresh_token_reused",
    "proof_required",
  ],
  invalid_grant: [
    "token_malformed",
    "signature_invalid",
    "claim_invalid",
    "session_revoked",
    "session_expired",
    "refresh_token_reused",
  ],
  unavailable: ["store_unavailable", "overloaded", "revocation_feed_stale"],
} as const;

export type TokenReason = (typeof ERROR_REASONS.invalid_token)[number];

export type ErrorReason = (typeof ERROR_REASONS)[keyof typeof ERROR_REASONS][number];

/** The body of every answer that is not a success. */
export interface ErrorBody {
  error: ErrorName;
  reason?: ErrorReason;
  /** For people who write clients; never shown to end users as it is. */
  error_description: string;
  /** The body member or parameter that was refused, with reason `invalid_field`. */
  field?: string;
}
