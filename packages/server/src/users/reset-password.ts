import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import { emailIdentity } from "./email.ts";
import { invalidLink, openLink } from "./mail-flow.ts";
import type { Asker, MailFlowDeps } from "./mail-flow.ts";

/**
 * Asks for a link to a new password. Whether anybody has the address is found out when the mail is sent: for every address the
 * same is done here, and nobody learns anything. Throws `too_many_attempts`, by who asks alone.
 */
export async function requestReset(
  { audit, limits, desk, clock }: Pick<MailFlowDeps, "audit" | "limits" | "desk" | "clock">,
  { email, deviceHash }: { email: string; deviceHash: string | null },
  { origin, language }: Asker,
): Promise<void> {
  if (!(await limits.mailAsked({ mailbox: emailIdentity(email), address: origin.ip }))) return;
  const mail = desk.draft({ kind: "reset_password", userId: null, to: email, language, detail: { deviceHash } });
  await audit.append(auditEvent("password_reset_requested", clock(), origin, {}, { email }, mail));
}

/**
 * Sets a new password by a link: all sessions end, and the address is verified. Nobody is signed in by it: whoever holds the
 * mailbox alone still lacks the second factor, where there is one.
 * Throws `invalid_link`, or `invalid_request` if the password is outside the limits; the link is good still then.
 */
export async function resetPassword(
  deps: MailFlowDeps,
  { token, newPassword }: { token: string; newPassword: string },
  origin: Origin,
  signal?: AbortSignal,
): Promise<void> {
  const { store, passwords, revocations, limits, desk, clock } = deps;
  const { link, user } = await openLink(deps, token, "reset_password", origin);
  const newHash = await passwords.hash(newPassword, "newPassword", { context: [user.email, user.name], signal });
  const at = clock();
  const notice = desk.draft({ kind: "password_changed", userId: user.id, to: user.email, detail: deviceDetail(origin) });
  const changed = await store.changePassword({
    userId: user.id,
    verifiedHash: user.passwordHash,
    newHash,
    keepSessionId: null,
    link: { hash: link.hash, verifiesEmail: true },
    at,
    revocation: (value, version) => ({ kind: "subject", value, version, effect: "revoked", reason: "password_reset", at }),
    audit: auditEvent("password_reset", at, origin, { userId: user.id }, {}, notice),
  });
  if (changed === null) throw invalidLink();
  revocations.publish(changed.entry);
  // Who had to reset it has often tried wrong ones before, from here: those do not count any more.
  await limits.forgive({ userId: user.id, emailIdentity: emailIdentity(user.email), addresses: [origin.ip], devices: [] });
}
