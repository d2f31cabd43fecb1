/** An auth server of its own that sends mail, and the mailboxes it fills. */
import { vi } from "vitest";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import type { MailMessage } from "../src/mail/mail-message.ts";
import { startTestServer, TestClient } from "./test-server.ts";

export interface Mailbox {
  readonly messages: MailMessage[];
  /** Waits for so many mails in all, and gives the last. */
  arrived(count: number): Promise<MailMessage>;
  /** Waits for a mail with this in its subject, the newest if there are several. */
  about(subject: string): Promise<MailMessage>;
}

export function openMailbox(): Mailbox & { readonly send: (message: MailMessage) => void } {
  const messages: MailMessage[] = [];
  const waiting = { timeout: 20_000, interval: 5 };
  return {
    messages,
    send: (message) => void messages.push(message),
    arrived: (count) =>
      vi.waitFor(() => {
        const last = messages[count - 1];
        if (last === undefined) {
          throw new Error(`${messages.length} of ${count} mails: ${messages.map(({ subject }) => subject).join(" · ")}`);
        }
        return last;
      }, waiting),
    about: (subject) =>
      vi.waitFor(() => {
        const found = messages.findLast((message) => message.subject.includes(subject));
        if (found === undefined) throw new Error(`No mail "${subject}" among: ${messages.map((one) => one.subject).join(" · ")}`);
        return found;
      }, waiting),
  };
}

export const FROM = "Example <id@example.com>";

export async function startMailing(config: OstiaryConfig = {}) {
  const mailbox = openMailbox();
  const server = await startTestServer({ mail: { from: FROM, transport: mailbox.send }, ...config });
  return { server, mailbox, client: new TestClient(server) };
}

/** The same with Ada signed up, and the mail about that in her mailbox. */
export async function startWithAda(config: OstiaryConfig = {}) {
  const started = await startMailing(config);
  const tokens = await started.client.signup("ada@example.com");
  if (config.users === undefined) await started.mailbox.about("Confirm your e-mail address");
  return { ...started, tokens };
}

/** The link in a mail. */
export function linkIn({ text }: Pick<MailMessage, "text">): URL {
  return new URL(/^https?:\/\/\S+$/m.exec(text)?.[0] ?? "about:no-link");
}

/** What proves that somebody has read a mail. */
export function tokenIn(message: Pick<MailMessage, "text">): string {
  return linkIn(message).hash.slice(1);
}

/** Asks for a link to a new password, and reads it. */
export async function forgotten(client: TestClient, mailbox: Mailbox, email = "ada@example.com"): Promise<string> {
  const before = resetsIn(mailbox).length;
  await client.call("POST", "/password/forgot", { body: { email } });
  await vi.waitUntil(() => resetsIn(mailbox).length > before, { timeout: 20_000, interval: 5 });
  return tokenIn(resetsIn(mailbox).at(-1) ?? { text: "" });
}

function resetsIn({ messages }: Mailbox): MailMessage[] {
  return messages.filter((message) => linkIn(message).pathname.endsWith("/reset-password"));
}
