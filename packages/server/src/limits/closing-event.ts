import type { AuditEvent } from "../audit/audit-event.ts";
import type { Closing } from "./attempt.ts";

/** So many accounts tried from one address within an hour are told to the audit. */
export const MANY_ACCOUNTS = 10;

/** For the audit: only the try that closes something is told, not those that are then refused. */
export function closingEvent(failure: AuditEvent, { budget, seconds }: Closing): AuditEvent {
  if (budget === "login-accounts") {
    const detail = { pattern: "many_accounts_from_one_address", accounts: MANY_ACCOUNTS };
    return { ...failure, type: "suspicious", userId: null, detail };
  }
  return { ...failure, type: "limit_reached", detail: { ...failure.detail, budget, seconds } };
}
