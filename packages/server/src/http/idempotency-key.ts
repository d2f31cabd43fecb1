import { OstiaryError } from "../errors.ts";
import type { HttpContext } from "./http-context.ts";

/** What the caller names this exchange, to fetch its answer again. Throws `invalid_request` if it could be guessed. */
export function idempotencyKeyOf(c: HttpContext): string | null {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return null;
  if (/^[\x21-\x7e]{16,255}$/.test(key)) return key;
  throw new OstiaryError("invalid_request", "Idempotency-Key must be 16 to 255 visible ASCII characters.", {
    reason: "invalid_field",
    field: "Idempotency-Key",
  });
}
