import { isEmailAddress } from "../users/email.ts";
import type { MailAddress } from "./mail-message.ts";

const FORM = /^(?:([^<>"@]{0,100}?)\s*<([^<>\s]+)>|([^<>\s]+))$/;

/** Who mails are from: an address, with or without a name before it. Null for what is neither. */
export function readFrom(text: string): MailAddress | null {
  const [, name = "", named, bare] = FORM.exec(text.trim()) ?? [];
  const address = named ?? bare ?? "";
  const isOdd = /[\p{C},;:()[\]\\]/u.test(name + address);
  return isEmailAddress(address) && !isOdd ? { name: name.trim(), address } : null;
}
