import type { Random } from "../random.ts";

/** No vowels, so that no words come of it, and nothing that looks like a digit (RFC 8628 §6.1). */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;
/** Bytes from here on would make the first letters more frequent. */
const FAIR = 256 - (256 % LETTERS.length);
const FORM = new RegExp(`^[${LETTERS}]{${LENGTH}}$`);

/** Some 34 bits: enough for what lives ten minutes and is guessed a few times (RFC 8628 §5.1). */
export function newUserCode(random: Random): string {
  let code = "";
  while (code.length < LENGTH) {
    for (const byte of random.bytes(LENGTH * 2)) {
      if (byte < FAIR && code.length < LENGTH) code += LETTERS[byte % LETTERS.length] ?? "";
    }
  }
  return code;
}

/** With a dash in the middle, as people read it. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** What somebody typed, whatever they made of capitals, dashes and spaces; null if it can be no code. */
export function typedUserCode(text: string): string | null {
  const code = text.slice(0, 64).toUpperCase().replaceAll(/[^A-Z\d]/g, "");
  return FORM.test(code) ? code : null;
}
