import type { SendMail } from "./mail-message.ts";

/** For development: mails are printed, links included, and go nowhere. */
export function printMail(say: (text: string) => void): SendMail {
  return ({ to, subject, text }) => say(`\nMail to ${to.address}\n${subject}\n\n${text.trim()}\n`);
}
