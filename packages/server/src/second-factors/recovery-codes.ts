import type { Random } from "../random.ts";
import { hashOf } from "../sessions/hash-of.ts";

const CODES = 10;
/** 80 bits: nobody guesses one, so that a plain hash is enough. */
const BYTES = 10;
/** Crockford's base32: no letter in it can be taken for a digit. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const FORM = /^[0-9a-hjkmnp-tv-z]{16}$/;

/** In groups of four, to be read. */
export function newRecoveryCodes(random: Random): string[] {
  return Array.from({ length: CODES }, () => {
    const letters = base32(random.bytes(BYTES));
    return (letters.match(/.{4}/g) ?? []).join("-");
  });
}

/** What a user's row keeps of a code; null for what can be none, however it was typed. */
export function recoveryHash(userId: string, typed: string): string | null {
  const code = typed.toLowerCase().replaceAll(/[\s-]/g, "").replaceAll("o", "0").replaceAll(/[il]/g, "1");
  return FORM.test(code) ? hashOf(`recovery-code ${userId} ${code}`) : null;
}

function base32(bytes: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (let i = 0; i < (bytes.length * 8) / 5; i++) {
    text = (ALPHABET[Number(bits & 31n)] ?? "") + text;
    bits >>= 5n;
  }
  return text;
}
