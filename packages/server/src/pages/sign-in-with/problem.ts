import { auditEvent } from "../../audit/audit-event.ts";
import { OstiaryError } from "../../errors.ts";
import type { Journey } from "../../federation/federation.ts";
import type { FederationError, FederationProblem } from "../../federation/provider-client.ts";
import type { SignInProvider } from "../../federation/provider.ts";
import { deviceOf } from "../../http/device.ts";
import type { Visit } from "../visit.ts";
import { problemPage } from "./page.ts";

/** The provider of the address. Throws `not_found` if it is none of ours. */
export function providerOf({ c, deps }: Visit): SignInProvider {
  const provider = deps.federation.find(c.req.param("provider") ?? "");
  if (provider === null) throw new OstiaryError("not_found", "There is no such provider.");
  return provider;
}

/** What is about somebody whom a provider has named. Whoever makes requests up fills no audit. */
const AUDITED: readonly FederationProblem[] = ["refused", "no_email", "disabled", "taken", "other_account"];

/** The page for it, and what the operator has to know. */
export async function problemOf(
  visit: Visit,
  provider: SignInProvider,
  error: FederationError,
  purpose: Journey["purpose"],
): Promise<Response> {
  const { c, deps } = visit;
  const { problem } = error;
  if (problem === "unavailable") deps.settings.onError(error);
  if (AUDITED.includes(problem)) {
    const detail = { with: provider.id, why: problem };
    await deps.users.audit.append(auditEvent("login_failed", deps.users.clock(), deviceOf(c), {}, detail));
  }
  return problemPage(visit, provider, problem, purpose);
}
