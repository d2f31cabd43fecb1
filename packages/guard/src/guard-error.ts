import { ERROR_STATUS, type ErrorName, type ErrorReason } from "@ostiary/protocol";

/** What a `GuardError` carries beside its `error`. */
export interface GuardErrorDetail {
  readonly message: string;
  readonly reason?: ErrorReason;
  readonly headers: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * Why a guard refuses a request. `error` and `reason` come from the error table of `@ostiary/protocol`; `status` and
 * `headers` are what the answer should carry. The message is safe to show to callers; `cause` is for your logs.
 */
export class GuardError extends Error {
  override readonly name = "GuardError";
  readonly status: number;
  readonly error: ErrorName;
  readonly reason: ErrorReason | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: ErrorName, detail: GuardErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.status = ERROR_STATUS[error];
    this.error = error;
    this.reason = detail.reason;
    this.headers = detail.headers;
  }
}
