import { hash } from "node:crypto";
import { LINK_MS } from "./mail-desk.ts";
import type { MailAddress, MailMessage } from "./mail-message.ts";
import type { MailKind, MailLanguage } from "./mail-draft.ts";
import type { LinkPurpose } from "./mail-link.ts";
import type { QueuedMail } from "./mail-store.ts";
import { english } from "./texts/english.ts";
import { korean } from "./texts/korean.ts";
import type { MailText, MailTexts, Named } from "./texts/mail-texts.ts";

export interface Letterhead {
  /** The configured one: what a request calls the server never gets into a mail. */
  readonly issuer: string;
  readonly from: MailAddress;
  readonly service: string;
  /** For mails that nobody asked for in a language of theirs. */
  readonly language: MailLanguage;
}

const LANGUAGES: Readonly<Record<MailLanguage, MailTexts>> = { en: english, ko: korean };

/** What the link of each mail lets do, for those that carry a token. */
const PURPOSES: Partial<Record<MailKind, LinkPurpose>> = {
  reset_password: "reset_password",
  verify_email: "verify_email",
  confirm_sign_up: "confirm_sign_up",
  confirm_email: "confirm_email",
  email_changed: "undo_email",
};

/** Where the link of each mail leads, below the issuer. */
const PATHS: Readonly<Record<MailKind, string>> = {
  reset_password: "/reset-password",
  verify_email: "/verify-email",
  confirm_sign_up: "/confirm-sign-up",
  confirm_email: "/confirm-email",
  account_exists: "/sign-in",
  email_changed: "/undo-email",
  email_change_undone: "/sign-in",
  password_changed: "/forgot-password",
  new_device: "/forgot-password",
  session_stolen: "/account",
  identity_linked: "/account",
  identity_unlinked: "/account",
  factor_added: "/forgot-password",
  factor_removed: "/account",
  recovery_code_used: "/account",
  recovery_codes_replaced: "/account",
  factors_reset: "/account",
};

const SECOND = 1000;
const UNITS = [["day", 86_400 * SECOND], ["hour", 3600 * SECOND], ["minute", 60 * SECOND]] as const;
/** Less than the first pause between tries. */
const AT_ONCE_MS = 5 * SECOND;

/** Who came by another provider may have no password to reset. */
function pathOf({ kind, detail }: QueuedMail): string {
  return kind === "new_device" && typeof detail["provider"] === "string" ? "/account" : PATHS[kind];
}

/** The mail as it is handed over. `token` is that of its link; null for a mail whose link proves nothing. */
export function composeMail(mail: QueuedMail, letterhead: Letterhead, token: string | null, now: number): MailMessage {
  const { issuer, from, service } = letterhead;
  const language = mail.language ?? letterhead.language;
  const texts = LANGUAGES[language];
  const text = texts.mails[mail.kind](namedIn(mail, language, service, now));
  // Behind the "#": browsers send that to nobody, so that it stands in no log and in no Referer.
  const link = `${issuer}${pathOf(mail)}?ui_locales=${language}${token === null ? "" : `#${token}`}`;
  const signature = texts.signature(service);
  return {
    from,
    to: { name: "", address: mail.to },
    subject: text.subject,
    text: plainOf(text, link, signature),
    html: htmlOf(text, link, signature, language),
    messageId: `<${hash("sha256", `mail ${mail.id}`, "base64url")}@${new URL(issuer).hostname}>`,
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
  };
}

function namedIn(
  { kind, createdAt, expiresAt, detail }: QueuedMail,
  language: MailLanguage,
  service: string,
  now: number,
): Named {
  const purpose = PURPOSES[kind];
  const time = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(createdAt);
  return {
    service,
    validity: purpose === undefined ? "" : inWords(language, leftOf(LINK_MS[purpose], expiresAt - now)),
    at: `${time} UTC`,
    device: detail["device"] ?? null,
    ip: detail["ip"] ?? null,
    provider: detail["provider"] ?? null,
  };
}

/**
 * How long a link is good still. What is sent at the first try has its whole time: those few seconds are less than mail
 * takes.
 */
function leftOf(whole: number, left: number): number {
  return whole - left < AT_ONCE_MS ? whole : left;
}

/** Rounded down, in the largest unit of which there are two. */
function inWords(language: MailLanguage, ms: number): string {
  const [unit, length] = UNITS.find(([, each]) => ms >= 2 * each) ?? ["second", SECOND];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(ms / length));
}

function plainOf({ paragraphs, action, after }: MailText, link: string, signature: string): string {
  const parts = [...paragraphs, ...(action === undefined ? [] : [`${action}:\n${link}`]), ...after, `-- \n${signature}`];
  return `${parts.join("\n\n")}\n`;
}

/** Styles in place: mail programs know little else. Nothing is loaded from anywhere. */
function htmlOf({ subject, paragraphs, action, after }: MailText, link: string, signature: string, language: string): string {
  const paragraph = (text: string) => `<p style="margin:0 0 16px">${text.split("\n").map(escaped).join("<br>")}</p>`;
  const button = (label: string) =>
    `<p style="margin:0 0 24px"><a href="${escaped(link)}" style="display:inline-block;padding:12px ` +
    `20px;border-radius:8px;background:#3445c4;color:#ffffff;text-decoration:none;font-weight:600">${escaped(label)}</a></p>`;
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;color:#1b1f24;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:520px;margin:0 auto;padding:28px;background:#ffffff;border-radius:12px">
<h1 style="margin:0 0 16px;font-size:20px">${escaped(subject)}</h1>
${paragraphs.map(paragraph).join("\n")}
${action === undefined ? "" : button(action)}
${after.map(paragraph).join("\n")}
<p style="margin:24px 0 0;color:#5b6470;font-size:13px">${escaped(signature)}</p>
</div>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
