import type { ErrorBody, ErrorName, ErrorReason } from "@ostiary/protocol";

/**
 * The server's error table, and what only a client can say: `offline` (no answer: no network, a time-out, or a server
 * that does not allow this page's origin), `unexpected_answer` (something else than an Ostiary server answered, such as
 * the sign-in page of a hotel's network), `signed_out` (what was asked needs a session, and there is none).
 */
export type AuthErrorCode = ErrorName | "offline" | "unexpected_answer" | "signed_out";

/** What every method of the client rejects with. */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: AuthErrorCode;
  declare readonly reason?: ErrorReason | undefined;
  /** The HTTP status, where there was an answer. */
  declare readonly status?: number | undefined;
  /** The field that was refused, with the reason `invalid_field`. */
  declare readonly field?: string | undefined;
  /** How long the server asks to wait, in seconds. */
  declare readonly retryAfterSeconds?: number | undefined;

  constructor(code: AuthErrorCode, message: string, { cause, ...details }: AuthErrorDetails = {}) {
    super(message, { cause });
    this.code = code;
    Object.assign(this, details);
  }
}

type AuthErrorDetails = Partial<Pick<AuthError, "reason" | "status" | "field" | "retryAfterSeconds" | "cause">>;

/** Whether the same request may well succeed later: nothing was said about who asks. */
export function isPassing(error: unknown): error is AuthError {
  if (!(error instanceof AuthError)) return false;
  const { code, status = 500 } = error;
  return code === "offline" || code === "unexpected_answer" || status === 429 || status >= 500;
}

export function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "string";
}
