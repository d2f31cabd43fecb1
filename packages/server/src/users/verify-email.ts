import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { emailIdentity } from "./email.ts";
import { invalidLink, openLink } from "./mail-flow.ts";
import type { Asker, MailFlowDeps } from "./mail-flow.ts";
import type { User } from "./user.ts";

/** Asks for the mail that an address is verified by once more. Does nothing where it is verified. Throws `too_many_attempts`. */
export async function requestVerification(
  { audit, limits, desk, clock }: Pick<MailFlowDeps, "audit" | "limits" | "desk" | "clock">,
  user: User,
  { origin, language }: Asker,
): Promise<void> {
  if (user.emailVerified) return;
  if (!(await limits.mailAsked({ mailbox: emailIdentity(user.email), address: origin.ip }))) return;
  const mail = desk.draft({ kind: "verify_email", userId: user.id, to: user.email, language });
  await audit.append(auditEvent("email_verification_requested", clock(), origin, { userId: user.id }, {}, mail));
}

/** Notes that the address is theirs. Throws `invalid_link`. */
export async function verifyEmail(deps: MailFlowDeps, token: string, origin: Origin): Promise<void> {
  const { link, user } = await openLink(deps, token, "verify_email", origin);
  const at = deps.clock();
  const audit = auditEvent("email_verified", at, origin, { userId: user.id });
  const verified = await deps.store.verifyEmail({ userId: user.id, hash: link.hash, at }, audit);
  if (verified === null) throw invalidLink();
}
