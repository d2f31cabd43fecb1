import { ERROR_STATUS, type ErrorName, type ErrorReason } from "@ostiary/protocol";

/** What a `GuardError` carries beside its `error`. */
export interface GuardErrorDetail {
  readonly message: string;
  readonly reason?: ErrorReason | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The same in every copy of this module: bundlers make one of their own beside that of node_modules. */
const BRAND = Symbol.for("@ostiary/guard GuardError");

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

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== GuardError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }

  constructor(error: ErrorName, detail: GuardErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.status = ERROR_STATUS[error];
    this.error = error;
    this.reason = detail.reason;
    this.headers = detail.headers;
  }
}
