import type { Limits } from "./limits.ts";
import { networkOf } from "./network-of.ts";
import type { Tally } from "./tally.ts";

/** Mails that anybody can have sent, to any mailbox. The others tell their owner of what has happened. */
const ASKED_FOR: ReadonlySet<string> = new Set([
  "reset_password",
  "verify_email",
  "confirm_sign_up",
  "confirm_email",
  "account_exists",
]);

type MailLimits = Pick<Limits, "mailAsked" | "mailTo" | "wrongLink">;

export function mailLimits({ at, spend, hasRoom }: Tally): MailLimits {
  return {
    async mailAsked({ mailbox, address }) {
      const network = networkOf(address);
      if (network === null) return true;
      await spend("mailAsker", address);
      return hasRoom(at("mailPair", `${mailbox} ${network}`, false));
    },
    mailTo({ mailbox, kind, knownDevice }) {
      if (!ASKED_FOR.has(kind)) return hasRoom(at("mailNotices", `${mailbox} ${kind}`, false));
      if (knownDevice === null) return hasRoom(at("mailbox", mailbox, false));
      return hasRoom(at("mailDevice", `${mailbox} ${knownDevice}`, false));
    },
    wrongLink: (address) => spend("mailLink", address),
  };
}
