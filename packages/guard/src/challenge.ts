/**
 * The only place where a failure becomes a response: its status, its JSON body, its challenge (RFC 6750 §3).
 * Nothing here decides whether a request is refused, and no sentence here contains anything a caller sent.
 */
import type { ErrorBody, TokenReason } from "@ostiary/protocol";
import { challenged, forAdmitted, refusalHeaders } from "./asking.ts";
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
  proof_required: "The access token must be bound to a key, and come by the scheme DPoP with a proof of that key.",
};

/** 401: the request carries no access token. The challenge names no error (RFC 6750 §3.1). */
export function missingToken(): GuardError {
  return challenged("missing_token", { message: "An access token is required." }, {});
}

/** 400: the request carries a token more than once (RFC 6750 §2). */
export function repeatedToken(): GuardError {
  const message = "The request carries more than one access token.";
  return challenged("invalid_request", { message }, { error: "invalid_request", error_description: message });
}

/** 401: the access token is refused, for `reason`. */
export function invalidToken(reason: TokenReason, cause?: unknown): GuardError {
  const message = TOKEN_SENTENCES[reason];
  const scheme = reason === "proof_required" ? "DPoP" : undefined;
  return challenged("invalid_token", { message, reason, cause }, { error: "invalid_token", error_description: message }, scheme);
}

/** 401: the proof that came with the access token is none for this request (RFC 9449 §7.1). The message says why. */
export function invalidProof(message: string, cause?: unknown): GuardError {
  const parameters = { error: "invalid_dpop_proof", error_description: message };
  return challenged("invalid_dpop_proof", { message, cause }, parameters, "DPoP");
}

/** 401: the proof has to be made with this nonce (RFC 9449 §9). */
export function useNonce(nonce: string): GuardError {
  const message = "The DPoP proof has to be made with the nonce in the header DPoP-Nonce.";
  const parameters = { error: "use_dpop_nonce", error_description: message };
  return challenged("use_dpop_nonce", { message, headers: { "DPoP-Nonce": nonce } }, parameters, "DPoP");
}

/** 403: the token lacks one of `scopes`, which the challenge lists (RFC 6750 §3.1). */
export function insufficientScope(scopes: readonly string[], identity?: object): GuardError {
  const message = "The access token lacks a scope that this needs.";
  const parameters = { error: "insufficient_scope", error_description: message, scope: scopes.join(" ") };
  return forAdmitted(challenged("insufficient_scope", { message }, parameters), identity);
}

/** 401: the token is good, but its user has to sign in anew for this, or by more than they did (RFC 9470 §3). */
export function insufficientAuthentication(maxAgeSeconds: number, acrValues: string | undefined, identity: object): GuardError {
  const message = "The user has to sign in again for this.";
  const error = "insufficient_user_authentication";
  const wanted = { max_age: String(maxAgeSeconds), ...(acrValues === undefined ? {} : { acr_values: acrValues }) };
  return forAdmitted(challenged(error, { message }, { error, error_description: message, ...wanted }), identity);
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

/** 503: it cannot be told whether a proof was used before. */
export function proofsUnknown(cause: unknown): GuardError {
  return unknowable("Whether the DPoP proof was used before cannot be known at the moment.", "store_unavailable", cause);
}

/** 503: an API key was to be asked about, and there was no answer. */
export function keysUnknown(cause: unknown): GuardError {
  return unknowable("Whether the API key is good cannot be known at the moment.", "store_unavailable", cause);
}

/** 503: so many keys that nobody knows were asked about that no more are for a moment. */
export function tooManyKeys(): GuardError {
  return unknowable("Too many unknown API keys are being asked about.", "overloaded");
}

function unknowable(message: string, reason: "store_unavailable" | "overloaded", cause?: unknown): GuardError {
  return new GuardError("unavailable", { message, reason, headers: { ...refusalHeaders(), "Retry-After": "1" }, cause });
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
