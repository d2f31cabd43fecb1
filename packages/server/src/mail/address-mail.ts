import type { KeyObject } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Limits } from "../limits/limits.ts";
import { emailIdentity, isEmailAddress } from "../users/email.ts";
import { hasPassword } from "../users/no-password.ts";
import type { UserStore } from "../users/user-store.ts";
import type { User } from "../users/user.ts";
import { linkHashOf, linkTokenOf, passwordMark } from "./mail-link.ts";
import type { MailLink } from "./mail-link.ts";
import type { MailStore, QueuedMail } from "./mail-store.ts";

export interface AddressDeps {
  readonly users: Pick<UserStore, "find" | "findByEmail">;
  readonly store: Pick<MailStore, "keepLink" | "findLink">;
  readonly limits: Pick<Limits, "mailTo">;
  readonly knowsDevice: (userId: string, deviceHash: string) => Promise<boolean>;
  readonly key: () => KeyObject;
  readonly clock: Clock;
  /** Whether users are in a table of the application's own: whose address it is, that says. */
  readonly isOwnTable: boolean;
}

/** A mail to somebody who is there. */
export interface AddressedMail {
  readonly mail: QueuedMail;
  readonly userId: string | null;
  /** Of its link; null for a mail whose link proves nothing. */
  readonly token: string | null;
}

/**
 * Whether there is somebody to be written to is found out when a mail is sent, not by whoever asked for it: asked for an
 * address that nobody has, the server does the same. Mails go to the address as the account has it, however it was typed
 * by who asked.
 */
export function createAddressing(deps: AddressDeps): (mail: QueuedMail) => Promise<AddressedMail | "too_many" | null> {
  const { users, store, limits, knowsDevice, key, clock, isOwnTable } = deps;

  return async (mail) => {
    const found = await find(mail);
    if (found === null || !isMailable(found.mail.to)) return null;
    if (mail.tries === 0 && !(await hasRoom(mail, found.user))) return "too_many";
    const { link } = found;
    if (link !== null && !(await store.keepLink(link, clock()))) return null;
    const isLinked = link !== null || found.mail.kind === "email_changed";
    return { mail: found.mail, userId: found.user?.id ?? null, token: isLinked ? linkTokenOf(key(), mail.id) : null };
  };

  /** Null if what it would say is not so, or not so any more. */
  async function find(mail: QueuedMail): Promise<{ mail: QueuedMail; user: User | null; link: MailLink | null } | null> {
    const identity = emailIdentity(mail.to);
    if (mail.kind === "confirm_sign_up") {
      const owner = await users.findByEmail(identity);
      if (owner === null) return { mail, user: null, link: linkOf(mail, "confirm_sign_up", null, mail.to) };
      return owner.disabledAt === null
        ? { mail: { ...mail, kind: "account_exists", to: owner.email }, user: owner, link: null }
        : null;
    }
    const isByEmail = mail.kind === "reset_password" || mail.kind === "account_exists";
    const user = isByEmail ? await users.findByEmail(identity) : mail.userId === null ? null : await users.find(mail.userId);
    if (user === null || user.disabledAt !== null) return null;
    switch (mail.kind) {
      case "reset_password":
        // Whoever signs in otherwise is given no second way in by a mailbox alone. But where nobody has shown yet whose the
        // address is, somebody may have taken it by a provider that asks for no proof: a reset is the first, and gives it
        // to its owner.
        if (!hasPassword(user) && (user.emailVerified || isOwnTable)) return null;
        return { mail: { ...mail, to: user.email }, user, link: linkOf(mail, "reset_password", user, user.email) };
      case "account_exists":
        return { mail: { ...mail, to: user.email }, user, link: null };
      case "verify_email": {
        const isOver = user.emailVerified || emailIdentity(user.email) !== identity;
        return isOver ? null : { mail, user, link: linkOf(mail, "verify_email", user, mail.to) };
      }
      case "confirm_email": {
        if (mail.detail["bound"] !== passwordMark(user.passwordHash)) return null;
        const owner = await users.findByEmail(identity);
        // Whose address it is learns of it; who wanted it learns nothing.
        if (owner !== null && owner.id !== user.id && owner.disabledAt !== null) return null;
        if (owner !== null && owner.id !== user.id) {
          return { mail: { ...mail, kind: "account_exists", to: owner.email }, user: owner, link: null };
        }
        return { mail, user, link: linkOf(mail, "confirm_email", user, mail.to) };
      }
      case "email_changed": {
        // Its link was made with the change, and is gone where that was taken back since.
        const link = await store.findLink(linkHashOf(linkTokenOf(key(), mail.id)));
        return link === null || link.usedAt !== null ? null : { mail, user, link: null };
      }
      default:
        return { mail, user, link: null };
    }
  }

  function linkOf(mail: QueuedMail, purpose: MailLink["purpose"], user: User | null, address: string): MailLink {
    const boundTo = user === null || purpose === "verify_email" ? null : passwordMark(user.passwordHash);
    const hash = linkHashOf(linkTokenOf(key(), mail.id));
    const payload = purpose === "confirm_sign_up" ? JSON.stringify(mail.detail) : null;
    const { createdAt, expiresAt } = mail;
    return {
      hash,
      userId: user?.id ?? null,
      purpose,
      slot: purpose,
      address,
      boundTo,
      payload,
      createdAt,
      expiresAt,
      usedAt: null,
    };
  }

  /** What strangers ask for uses up nothing of what the owner asks for in a browser that is known. */
  async function hasRoom({ kind, to, detail }: QueuedMail, user: User | null): Promise<boolean> {
    const device = detail["deviceHash"] ?? null;
    const isKnown = user !== null && device !== null && (await knowsDevice(user.id, device));
    return limits.mailTo({ mailbox: emailIdentity(to), kind, knownDevice: isKnown ? device : null });
  }
}

/** What could be read as two addresses, or as a name and one, is sent nothing. */
function isMailable(address: string): boolean {
  return isEmailAddress(address) && !/[<>(),;:[\]\\]/.test(address);
}
