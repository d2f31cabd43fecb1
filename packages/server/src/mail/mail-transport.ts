import { inTime } from "../in-time.ts";
import { SEND_MS } from "./mail-message.ts";
import type { MailTransport, OpenTransport, SendMail } from "./mail-message.ts";

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
