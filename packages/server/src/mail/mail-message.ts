/** A mail as it is handed over. */
export interface MailMessage {
  readonly from: MailAddress;
  /** One address, as it is: never to be read as a list. */
  readonly to: MailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The same for every try: who gets it twice can tell. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MailAddress {
  /** Empty for none. */
  readonly name: string;
  readonly address: string;
}

/** Your own way to send a mail. It may be called again for the same mail; what it throws is tried again later. */
export type SendMail = (message: MailMessage) => unknown;

/** A transport of nodemailer, or what looks like one. */
export interface MailTransport {
  sendMail(message: MailMessage): Promise<unknown>;
  close?(): unknown;
}

/** What sending one mail may take; in milliseconds. SMTP has shorter times for each of its steps. */
export const SEND_MS = 45_000;

export interface OpenTransport {
  /** Throws if it was not sent, or not in time. */
  send(message: MailMessage): Promise<void>;
  close(): void;
}
