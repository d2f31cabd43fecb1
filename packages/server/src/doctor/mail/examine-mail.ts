import type { Settings } from "../../config-schema.ts";
import { TooLate } from "../../in-time.ts";
import { shownSmtpUrl } from "../../mail/smtp-url.ts";
import { error, ok } from "../finding.ts";
import type { Finding } from "../finding.ts";

const PATIENCE_MS = 5000;

/** Whether mail is sent, and whether the server that is to send it lets us in. None is sent. */
export async function examineMail({ mail }: Pick<Settings, "mail">, patienceMs = PATIENCE_MS): Promise<Finding[]> {
  if (mail === undefined) {
    return [
      ok(
        "mail.configured",
        "No mail is sent: passwords are not reset by it, and nobody is told of new devices (OSTIARY_SMTP_URL is not set).",
      ),
    ];
  }
  const from = ok("mail.configured", `Mail is sent from ${mail.from.address}.`);
  if (typeof mail.transport !== "string") {
    return [from, ok("mail.server", "It goes by a way of the application's own, which was not tried.")];
  }
  return [from, await checkServer(mail.transport, patienceMs)];
}

async function checkServer(url: string, patienceMs: number): Promise<Finding> {
  const id = "mail.server";
  const server = shownSmtpUrl(url);
  const { trySmtp } = await import("../../mail/smtp-transport.ts");
  try {
    await trySmtp(url, patienceMs);
    return ok(id, `The mail server ${server} answers, and lets the server in.`);
  } catch (failure) {
    return error(
      id,
      `The mail server ${server} ${whatHappened(failure, patienceMs)}: no mail is sent.`,
      "check OSTIARY_SMTP_URL, and that this machine may reach the mail server",
    );
  }
}

/** In words of ours: what a server answers may have the user name in it. */
function whatHappened(failure: unknown, patienceMs: number): string {
  const { code = null } = failure as { code?: string };
  if (failure instanceof TooLate || code === "ETIMEDOUT") return `says nothing within ${patienceMs / 1000} s`;
  if (code === "EAUTH") return "refuses the user name or the password";
  if (code === "ETLS") return "offers no TLS that can be trusted";
  if (code === "EDNS") return "is not to be found by its name";
  return `cannot be talked to (${code ?? "for no known reason"})`;
}
