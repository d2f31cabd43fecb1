import type { ErrorBody, ErrorName, ErrorReason } from "@ostiary/protocol";
import type { SecondFactor } from "./second-step.ts";

/**
 * The server's error table, and what only a client can say: `offline` (no answer: no network, a time-out, or a server
 * that does not allow this page's origin), `unexpected_answer` (something else than an Ostiary server answered, such as
 * the sign-in page of a hotel's network), `signed_out` (what was asked needs a session, and there is none).
 */
export type AuthErrorCode = ErrorName | "offline" | "unexpected_answer" | "signed_out" | PasskeyErrorCode | RedirectErrorCode;

/**
 * The browser, or whoever sits before it, gave no passkey: it was cancelled, took too long, or there is none; the device holds
 * one of this account already; or the browser could not, and the `cause` is its error: often the page is not on a host of theirs.
 */
export type PasskeyErrorCode = "passkey_cancelled" | "passkey_exists" | "passkey_failed" | "passkeys_unsupported";

/**
 * What a sign-in by redirect may come back with besides (OAuth 2.1 §4.1.2.1, OIDC Core §3.1.2.6), and `foreign_answer`: an
 * answer to something that this tab has not asked.
 */
export type RedirectErrorCode = "access_denied" | "login_required" | "consent_required" | "foreign_answer";

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
  /** With `mfa_required`: what `login` takes for the second step, and what that can be. */
  declare readonly mfaToken?: string | undefined;
  declare readonly methods?: readonly SecondFactor[] | undefined;

  constructor(code: AuthErrorCode, message: string, { cause, ...details }: AuthErrorDetails = {}) {
    super(message, { cause });
    this.code = code;
    Object.assign(this, details);
  }
}

type AuthErrorDetails = Partial<
  Pick<AuthError, "reason" | "status" | "field" | "retryAfterSeconds" | "mfaToken" | "methods" | "cause">
>;

/** Whether the same request may well succeed later: nothing was said about who asks. */
export function isPassing(error: unknown): error is AuthError {
  if (!(error instanceof AuthError)) return false;
  // Without a status there was no answer.
  const { code, status = 500 } = error;
  return code === "unexpected_answer" || status === 429 || status >= 500;
}

export function isErrorBody(body: unknown): body is ErrorBody {
  return typeof (body as Partial<ErrorBody> | null)?.error === "string";
}
