import { DPOP_ALGORITHMS, GuardError } from "@ostiary/guard/embedded";
import { ERROR_STATUS } from "@ostiary/protocol";
import type { ErrorBody, ErrorName } from "@ostiary/protocol";
import { OstiaryError } from "../errors.ts";

/** The answer to a failure, but for what all answers have. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** The answer to a failure, as the error table has it. What is not in the table is a fault of ours, and is reported. */
export function answerToError(error: unknown, onError: (error: unknown) => void): Answer {
  const status = statusOf(error);
  if (error instanceof GuardError) {
    const { headers, error: name, reason, message } = error;
    return { status, headers, body: { error: name, ...(reason === undefined ? {} : { reason }), error_description: message } };
  }
  if (error instanceof OstiaryError) {
    if (isOurs(error)) onError(error);
    return { status, headers: headersOf(error), body: errorBody(error) };
  }
  onError(error);
  return { status, headers: {}, body: { error: "server_error", error_description: "Something went wrong on our side." } };
}

/** The same where no route has been looked for. */
export function errorResponse(error: unknown, onError: (error: unknown) => void): Response {
  const { status, headers, body } = answerToError(error, onError);
  return Response.json(body, { status, headers: { "Cache-Control": "no-store", ...headers } });
}

/** What an operator can mend. A queue that is full is no fault, and in a storm the telling would be one more. */
function isOurs({ code, reason }: OstiaryError): boolean {
  return code === "server_error" || (code === "unavailable" && reason !== "overloaded");
}

/** What is wrong with a proof. At the endpoints of OAuth they have another status than at resources (RFC 9449 §5, §7.1). */
export const PROOF_ERRORS: readonly ErrorName[] = ["invalid_dpop_proof", "use_dpop_nonce"];

const DPOP_ALGS = `algs="${DPOP_ALGORITHMS.join(" ")}"`;

/** What `answerToError` answers with. */
export function statusOf(error: unknown): number {
  if (error instanceof GuardError) return error.status;
  return error instanceof OstiaryError ? ERROR_STATUS[error.code] : 500;
}

/** What a refusal says of itself. */
export function errorBody(error: OstiaryError): ErrorBody {
  return {
    error: error.code,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    error_description: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
  };
}

function headersOf(error: OstiaryError): Record<string, string> {
  // The challenge of a client is set where it was asked for its credentials.
  if (error.code === "invalid_client") return {};
  const challenge = PROOF_ERRORS.includes(error.code) ? `DPoP error="${error.code}", ${DPOP_ALGS}` : bearerChallenge(error);
  return {
    // RFC 9110 §15.5.2 wants a challenge with every 401; RFC 6750 §3.1 says what stands in it.
    ...(ERROR_STATUS[error.code] === 401 ? { "WWW-Authenticate": challenge } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { "Retry-After": String(error.retryAfterSeconds) }),
    ...rateLimitHeaders(error),
  };
}

function bearerChallenge({ code }: OstiaryError): string {
  return code === "invalid_token" ? 'Bearer error="invalid_token"' : "Bearer";
}

/** As in draft-ietf-httpapi-ratelimit-headers-11. */
function rateLimitHeaders({ limit, retryAfterSeconds = 0 }: OstiaryError): Record<string, string> {
  if (limit === undefined) return {};
  return {
    "RateLimit-Policy": `"${limit.name}";q=${limit.tries};w=${limit.windowSeconds}`,
    RateLimit: `"${limit.name}";r=0;t=${retryAfterSeconds}`,
  };
}
