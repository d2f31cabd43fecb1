import type { Settings } from "../config-schema.ts";
import { StartError } from "../errors.ts";
import { createAddressing } from "./address-mail.ts";
import type { AddressDeps } from "./address-mail.ts";
import { createMailDesk } from "./mail-desk.ts";
import type { MailDesk } from "./mail-desk.ts";
import type { MailStore } from "./mail-store.ts";
import { openTransport } from "./mail-transport.ts";
import { createOutbox } from "./outbox.ts";
import type { Outbox } from "./outbox.ts";

export interface Mail {
  readonly desk: MailDesk;
  readonly links: Pick<MailStore, "findLink">;
  readonly outbox: Outbox;
}

type Wanted = Pick<Settings, "mail" | "signup" | "users" | "issuer" | "pages" | "clock" | "random" | "onError">;

/** Mail by the settings; null where none is configured. Throws a StartError if there is none for what needs it. */
export async function openMail(
  settings: Wanted,
  deps: Omit<AddressDeps, "store" | "clock" | "isOwnTable"> & { store: MailStore },
): Promise<Mail | null> {
  const { mail, issuer, pages, clock, random, onError } = settings;
  if (settings.signup.concealExisting && (mail === undefined || settings.users !== undefined)) {
    const why =
      mail === undefined
        ? "no mail is configured: set OSTIARY_SMTP_URL and OSTIARY_MAIL_FROM"
        : "users are in a table of the application's own";
    throw new StartError(`signup.concealExisting cannot be, because ${why}, or leave it out.`);
  }
  if (mail === undefined) return null;
  const { store, key } = deps;
  const outbox = createOutbox({
    store,
    transport: await openTransport(mail.transport),
    letterhead: { issuer, from: mail.from, service: pages.name, language: mail.language },
    address: createAddressing({ ...deps, clock, isOwnTable: settings.users !== undefined }),
    clock,
    onError,
  });
  return { desk: createMailDesk({ key, clock, random }), links: store, outbox };
}
