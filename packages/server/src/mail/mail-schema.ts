import { z } from "zod";
import { oneOf } from "../config-values.ts";
import { MAIL_LANGUAGES } from "./mail-draft.ts";
import { readFrom } from "./mail-from.ts";
import type { MailTransport, SendMail } from "./mail-message.ts";
import { readSmtpUrl } from "./smtp-url.ts";

const FROM_MEND = "must be an address such as id@example.com, or Example <id@example.com>";
const from = z.string(FROM_MEND).transform((text, context) => {
  const address = readFrom(text);
  if (address !== null) return address;
  context.addIssue({ code: "custom", message: FROM_MEND });
  return z.NEVER;
});

const SMTP_MEND = "must be smtps://user:password@host or smtp://…, with nothing after the port";
const transport = z.custom<string | MailTransport | SendMail>(isTransport, SMTP_MEND);

function isTransport(value: unknown): boolean {
  if (typeof value === "string") return readSmtpUrl(value) !== null;
  if (typeof value === "function") return true;
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "sendMail") === "function";
}

/** What the configuration takes for `mail`. */
export const mailSchema = z.strictObject({ from, transport, language: oneOf(MAIL_LANGUAGES).default("en") });
