import { inTime } from "../in-time.ts";
import type { MailTransport, OpenTransport, SendMail } from "./mail-message.ts";

/** What a way of one's own may take. SMTP has shorter ones for each of its steps. */
const SEND_MS = 45_000;

/** The way mails go by the settings: an SMTP server's URL, a transport, or a function. */
export async function openTransport(transport: string | MailTransport | SendMail): Promise<OpenTransport> {
  if (typeof transport === "string") return (await import("./smtp-transport.ts")).openSmtp(transport);
  const send: SendMail = typeof transport === "function" ? transport : (message) => transport.sendMail(message);
  return {
    // Called later: what throws at once is a failure like any other.
    send: async (message) => void (await inTime(SEND_MS, "The mail transport", Promise.resolve(message).then(send))),
    close() {
      if (typeof transport !== "function") transport.close?.();
    },
  };
}
