import { createHmac, hash } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** What a link in a mail lets its holder do. */
export type LinkPurpose = "reset_password" | "verify_email" | "confirm_sign_up" | "confirm_email" | "undo_email";

/** A link that was mailed, as it is kept: whoever has the row does not have the token. */
export interface MailLink {
  /** SHA-256 of the token. */
  readonly hash: string;
  /** Null for somebody who is no user yet. */
  readonly userId: string | null;
  readonly purpose: LinkPurpose;
  /** A user has one link for each: a newer one takes its place. */
  readonly slot: string;
  /** The address it is about: where it was sent, or the one to change to. */
  readonly address: string;
  /** Hash of the password hash it was made under: with another password it is worthless. Null: it outlives passwords. */
  readonly boundTo: string | null;
  /** What is to be done with it, where its row has to say; gone once it is used. */
  readonly payload: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
}

const FORM = /^[\w-]{43}$/;

/** `mailId` is random and in the database, the key is not: it takes both. */
export function linkTokenOf(key: KeyObject, mailId: string): string {
  return createHmac("sha256", key).update(`mail-link ${mailId}`).digest("base64url");
}

export function linkHashOf(token: string): string {
  return hash("sha256", `mail-link ${token}`, "base64url");
}

/** Whether it can be a token of ours at all: nothing else is looked up. */
export function isLinkToken(text: string): boolean {
  return FORM.test(text);
}

/** What binds a link to a password. */
export function passwordMark(passwordHash: string): string {
  return hash("sha256", `mail-link password ${passwordHash}`, "base64url");
}
