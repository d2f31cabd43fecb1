import type { MailKind } from "../mail-draft.ts";

/** What a text may name. All of it is the operator's or the server's own. */
export interface Named {
  /** What the service is called. */
  readonly service: string;
  /** How long the link is good, in words. */
  readonly validity: string;
  /** The time of what it tells of, in words. */
  readonly at: string;
  /** A browser and system by name; null if it gives none that we know. */
  readonly device: string | null;
  readonly ip: string | null;
  /** Another provider that lets people in, as the operator calls it; null if there was none. */
  readonly provider: string | null;
}

/** One mail in words. */
export interface MailText {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** What stands on the link. */
  readonly action?: string;
  /** After the link. */
  readonly after: readonly string[];
}

/** A language is one of these, and lacks none. */
export interface MailTexts {
  readonly mails: Readonly<Record<MailKind, (named: Named) => MailText>>;
  readonly signature: (service: string) => string;
}
