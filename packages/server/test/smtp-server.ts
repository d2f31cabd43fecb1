/** A real SMTP server that does what a test tells it. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

export interface Received {
  readonly from: string;
  readonly to: string[];
  readonly raw: string;
}

/** A server on a free port of this machine, and what it has taken. */
export async function startSmtp(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const said: string[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    allowInsecureAuth: true,
    onAuth: ({ username = "" }, _, callback) => (said.push(username), callback(null, { user: username })),
    onMailFrom: (address, _, callback) => (said.push(address.address), callback()),
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
        });
        callback();
      });
    },
    ...options,
  });
  smtp.on("error", () => {});
  const listening = smtp.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => new Promise<void>((done) => smtp.close(() => done())));
  return { received, said, port: (listening.address() as AddressInfo).port };
}
