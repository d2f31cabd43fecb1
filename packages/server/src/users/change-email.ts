import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEventType, Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import { LINK_MS } from "../mail/mail-desk.ts";
import type { MailDraft } from "../mail/mail-draft.ts";
import { passwordMark } from "../mail/mail-link.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import { requirePassword } from "./change-password.ts";
import { emailIdentity } from "./email.ts";
import { invalidLink, openLink } from "./mail-flow.ts";
import type { Asker, MailFlowDeps } from "./mail-flow.ts";
import { ADMIN_ROLE } from "./roles.ts";
import type { EmailChange } from "./user-store.ts";
import type { User } from "./user.ts";

const RANDOM_PASSWORD_BYTES = 32;

/**
 * Asks for another address: nothing changes until a link that is sent there has been followed. Whether somebody has it
 * already is not told; whose it is is written to.
 * Throws `invalid_credentials` if the current password is wrong, `too_many_attempts` after several wrong ones or many mails.
 */
export async function requestEmailChange(
  deps: MailFlowDeps,
  change: { userId: string; sessionId: string; newEmail: string; currentPassword: string },
  { origin, language }: Asker,
  signal?: AbortSignal,
): Promise<void> {
  const { audit, limits, desk, clock } = deps;
  const user = await requirePassword(deps, change, "email_change_requested", origin, signal);
  if (!(await limits.mailAsked({ mailbox: emailIdentity(change.newEmail), address: origin.ip }))) return;
  const detail = { bound: passwordMark(user.passwordHash) };
  const mail = desk.draft({ kind: "confirm_email", userId: user.id, to: change.newEmail, language, detail });
  const who = { userId: user.id, sessionId: change.sessionId };
  await audit.append(auditEvent("email_change_requested", clock(), origin, who, { email: change.newEmail }, mail));
}

/**
 * Takes the new address, and writes to the one of before, with a way back. Sessions live on.
 * Throws `invalid_link`, or `email_taken`: that is told to nobody but whoever holds that mailbox.
 */
export async function confirmEmail(deps: MailFlowDeps, token: string, origin: Origin): Promise<void> {
  const { link, user } = await openLink(deps, token, "confirm_email", origin);
  const at = deps.clock();
  await changeTo(deps, user, origin, "email_changed", {
    link: { userId: user.id, hash: link.hash, at },
    email: link.address,
    verifiedHash: user.passwordHash,
    takenBack: null,
    mail: noticeWithWayBack(deps, user, origin),
  });
}

/**
 * Puts the address of before in its place again, against whoever has changed it: everybody is signed out, and nobody knows
 * the password, so that it is to be reset by mail. Throws `invalid_link`, or `email_taken`.
 */
export async function undoEmail(deps: MailFlowDeps & { random: Random }, token: string, origin: Origin): Promise<void> {
  const { link, user } = await openLink(deps, token, "undo_email", origin);
  const unknown = randomText(deps.random, RANDOM_PASSWORD_BYTES);
  const newHash = await deps.passwords.rehash(unknown);
  const at = deps.clock();
  await changeTo(deps, user, origin, "email_change_undone", {
    link: { userId: user.id, hash: link.hash, at },
    email: link.address,
    verifiedHash: null,
    // Without the device and network of whoever has their account back: it may be the thief who reads this.
    mail: deps.desk.draft({ kind: "email_change_undone", userId: user.id, to: user.email }),
    takenBack: {
      newHash,
      // Links in between may be of addresses of whoever it was, and second factors of theirs.
      since: link.createdAt,
      // They may have signed up with the address as well, to keep it from its owner.
      ousted: (userId) => ({
        revocation: (value, version) => ({ kind: "subject", value, version, effect: "revoked", reason: "user_disabled", at }),
        audit: auditEvent("user_disabled", at, origin, { userId }, { unverifiedEmail: link.address }),
        // Then whoever runs the server decides, who alone could make another administrator.
        unlessLast: ADMIN_ROLE,
      }),
    },
  });
}

async function changeTo(
  { store, revocations }: MailFlowDeps,
  user: User,
  origin: Origin,
  type: AuditEventType,
  { mail, ...change }: Omit<EmailChange, "revocation" | "audit"> & { mail?: MailDraft },
): Promise<void> {
  const { at } = change.link;
  const changed = await store.changeEmail({
    ...change,
    revocation: (value, version) => {
      const effect = change.takenBack === null ? "stale" : "revoked";
      return { kind: "subject", value, version, effect, reason: type, at };
    },
    audit: auditEvent(type, at, origin, { userId: user.id }, { from: user.email, to: change.email }, mail),
  });
  if (changed === "taken") throw new OstiaryError("email_taken", "There is an account with this e-mail already.");
  if (changed === null) throw invalidLink();
  if (changed.ousted !== null) revocations.publish(changed.ousted.entry);
  revocations.publish(changed.entry);
}

/** Each change has its own way back: one that comes later does not take it away. */
function noticeWithWayBack({ desk }: Pick<MailFlowDeps, "desk">, user: User, origin: Origin): MailDraft {
  const draft = desk.draft({ kind: "email_changed", userId: user.id, to: user.email, detail: deviceDetail(origin) });
  const { id, createdAt } = draft;
  return {
    ...draft,
    link: {
      hash: desk.linkHash(id),
      userId: user.id,
      purpose: "undo_email",
      slot: `undo_email ${id}`,
      address: user.email,
      boundTo: null,
      payload: null,
      createdAt,
      expiresAt: createdAt + LINK_MS.undo_email,
      usedAt: null,
    },
  };
}
