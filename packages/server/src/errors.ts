import type { ErrorName, ErrorReason } from "@ostiary/protocol";

/** A failure with a place in the error table: what the HTTP surface answers, and what callers of the library catch. */
export class OstiaryError extends Error {
  override readonly name = "OstiaryError";
  readonly code: ErrorName;
  readonly reason: ErrorReason | undefined;
  readonly field: string | undefined;
  /** For `unavailable` and `too_many_attempts`: when to try again. */
  readonly retryAfterSeconds: number | undefined;
  /** For `too_many_attempts`: the budget that is used up. */
  readonly limit: { readonly name: string; readonly tries: number; readonly windowSeconds: number } | undefined;

  constructor(
    code: ErrorName,
    message: string,
    details: {
      reason?: ErrorReason;
      field?: string;
      retryAfterSeconds?: number;
      limit?: { readonly name: string; readonly tries: number; readonly windowSeconds: number };
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = details.reason;
    this.field = details.field;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.limit = details.limit;
  }
}

/** The server cannot start, for a reason its operator can mend. The message is one sentence for them. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** Where the message lists several reasons: a sentence each. */
  readonly problems: readonly string[];

  constructor(message: string, details: { cause?: unknown; problems?: readonly string[] } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.problems = details.problems ?? [];
  }
}

/** The store did not do what it was asked; nothing was changed. */
export function storeUnavailable(cause: unknown): OstiaryError {
  return new OstiaryError("unavailable", "The store does not answer. Try again shortly.", {
    reason: "store_unavailable",
    retryAfterSeconds: 1,
    cause,
  });
}

/** What went wrong, for a sentence to the operator: anything can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
