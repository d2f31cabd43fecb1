/**
 * The only place where a failure becomes a response: its status, its JSON body, its challenge (RFC 6750 §3).
 * Nothing here decides whether a request is refused, and no sentence here contains anything a caller sent.
 */
import type { ErrorBody, TokenReason } from "@ostiary/protocol";
import { GuardError } from "./guard-error.ts";

// Plain ASCII without quotes or backslashes: these sentences also stand inside a quoted-string of the challenge.
const TOKEN_SENTENCES: Record<TokenReason, string> = {
  token_malformed: "The access token is malformed.",
  // One sentence for a bad signature, an unknown key and a foreign algorithm: which it was is no business of a forger.
  signature_invalid: "The access token was not signed by a key trusted here.",
  token_expired: "The access token has expired.",
  token_not_active: "The access token is not valid yet.",
  claim_invalid: "The access token was not issued for this use.",
  token_revoked: "The access token has been revoked.",
  token_stale: "The access token is out of date; refresh it.",
  session_revoked: "The session has ended; sign in again.",
  session_expired: "The session has expired; sign in again.",
  refresh_token_reused: "The refresh token was used twice; the session has ended.",
};

/** 401: the request carries no access token. The challenge names no error (RFC 6750 §3.1). */
export function missingToken(): GuardError {
  return new GuardError("missing_token", {
    message: "An access token is required.",
    headers: refusalHeaders("Bearer"),
  });
}

/** 400: the request carries a token more than once (RFC 6750 §2). */
export function repeatedToken(): GuardError {
  const message = "The request carries more than one access token.";
  return new GuardError("invalid_request", {
    message,
    headers: refusalHeaders(`Bearer error="invalid_request", error_description="${message}"`),
  });
}

/** 401: the access token is refused, for `reason`. */
export function invalidToken(reason: TokenReason, cause?: unknown): GuardError {
  const message = TOKEN_SENTENCES[reason];
  return new GuardError("invalid_token", {
    message,
    reason,
    headers: refusalHeaders(`Bearer error="invalid_token", error_description="${message}"`),
    cause,
  });
}

/** 403: the token lacks one of `scopes`, which the challenge lists (RFC 6750 §3.1). */
export function insufficientScope(scopes: readonly string[]): GuardError {
  const message = "The access token lacks a scope that this needs.";
  const challenge = `Bearer error="insufficient_scope", error_description="${message}", scope="${scopes.join(" ")}"`;
  return new GuardError("insufficient_scope", { message, headers: refusalHeaders(challenge) });
}

/** 403: the user has none of the roles that are let in. No challenge: a wider token would not help. */
export function insufficientRole(): GuardError {
  return new GuardError("insufficient_role", {
    message: "The user has no role that is allowed here.",
    headers: refusalHeaders(),
  });
}

/** 403: a page of another origin made the browser send its cookie along. */
export function foreignRequest(): GuardError {
  return new GuardError("csrf_failed", {
    message: "This origin may not use the cookies of this app.",
    headers: refusalHeaders(),
  });
}

/** 503: tokens cannot be judged now, because the issuer's keys cannot be had. */
export function unavailable(retryAfterSeconds: number, cause?: unknown): GuardError {
  return new GuardError("unavailable", {
    message: "Access tokens cannot be verified at the moment.",
    headers: { ...refusalHeaders(), "Retry-After": String(Math.max(1, Math.ceil(retryAfterSeconds))) },
    cause,
  });
}

/** 503: nothing has been heard of revocations for too long, and nobody could be asked. */
export function feedStale(cause?: unknown): GuardError {
  return new GuardError("unavailable", {
    message: "Whether the access token was revoked cannot be known at the moment.",
    reason: "revocation_feed_stale",
    headers: { ...refusalHeaders(), "Retry-After": "1" },
    cause,
  });
}

/** The JSON body of the answer to a refused request. */
export function errorBody(refusal: GuardError): ErrorBody {
  return {
    error: refusal.error,
    ...(refusal.reason === undefined ? {} : { reason: refusal.reason }),
    error_description: refusal.message,
  };
}

/** The answer to a refused request as a web `Response`. */
export function errorResponse(refusal: GuardError): Response {
  return Response.json(errorBody(refusal), { status: refusal.status, headers: refusal.headers });
}

function refusalHeaders(challenge?: string): Record<string, string> {
  return { "Cache-Control": "no-store", ...(challenge === undefined ? {} : { "WWW-Authenticate": challenge }) };
}
