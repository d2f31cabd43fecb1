import { createTransport } from "nodemailer";
import { inTime } from "../in-time.ts";
import { SEND_MS } from "./mail-message.ts";
import type { OpenTransport } from "./mail-message.ts";
import { readSmtpUrl } from "./smtp-url.ts";

/** In milliseconds. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;

/** A connection for each mail: there are few, and none is left open for a server to close. */
export function openSmtp(url: string, patienceMs = SEND_MS): OpenTransport {
  const transport = transportTo(url, CONNECT_MS, SILENCE_MS);
  return {
    async send({ headers, ...message }) {
      // Said once more to the server itself: what stands in the headers is read by nobody.
      const envelope = { from: message.from.address, to: [message.to.address] };
      const end = new AbortController();
      const { signal } = end;
      try {
        const sending = transport.sendMail({ ...message, headers: { ...headers }, envelope, signal });
        await inTime(patienceMs, "The SMTP server", sending);
      } finally {
        // What is told to have failed must not arrive after all: it is sent anew.
        end.abort();
      }
    },
    close: () => transport.close(),
  };
}

/** Signs in and leaves, without a mail. Throws what nodemailer throws, in time. */
export async function trySmtp(url: string, patienceMs: number): Promise<void> {
  const transport = transportTo(url, patienceMs, patienceMs);
  try {
    await inTime(patienceMs, "The SMTP server", transport.verify());
  } finally {
    transport.close();
  }
}

function transportTo(url: string, connectMs: number, silenceMs: number) {
  const server = readSmtpUrl(url);
  if (server === null) throw new TypeError("This is no SMTP URL.");
  return createTransport({
    ...server,
    tls: { minVersion: "TLSv1.2" },
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    // No text of ours names a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
