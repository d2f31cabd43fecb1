import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Random } from "../random.ts";

/** Whoever finds one somewhere knows what it is, scanners for secrets too. */
export const API_KEY_PREFIX = "ostk_";

const ID = 20;
const SECRET = 43;
const CHECKSUM = 6;
/** In the order of ASCII: what is fixed in length sorts as its number does. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const FORM = new RegExp(`^${API_KEY_PREFIX}([0-9A-Za-z]{${ID}})[0-9A-Za-z]{${SECRET}}([0-9A-Za-z]{${CHECKSUM}})$`);

/** Bits of an id that are random: below the 48 of its time, in all fewer than 20 digits can say. */
const ID_RANDOM_BITS = 70n;
const SECRET_BYTES = 32;

/** An id that sorts by time: it is no secret. */
export function newKeyId(random: Random, now: number): string {
  const below = numberOf(random.bytes(9)) & ((1n << ID_RANDOM_BITS) - 1n);
  return base62((BigInt(now) << ID_RANDOM_BITS) | below, ID);
}

/** The key that its holder is told this once: prefix, id, 256 random bits, and a checksum of all that. */
export function newKeyText(id: string, random: Random): string {
  const text = `${API_KEY_PREFIX}${id}${base62(numberOf(random.bytes(SECRET_BYTES)), SECRET)}`;
  return text + checksumOf(text);
}

/** The id in what may be a key of ours; null for what was never one. No database is asked to find that out. */
export function keyIdIn(text: string): string | null {
  const [, id, checksum] = FORM.exec(text) ?? [];
  return id !== undefined && checksum === checksumOf(text.slice(0, -CHECKSUM)) ? id : null;
}

/** One round of SHA-256 is enough for what nobody can guess. */
export function hashOfKey(text: string): Uint8Array {
  return new Uint8Array(hash("sha256", text, "buffer"));
}

/** Against slips of the pen and inventions, not against forgers: anybody can reckon it. */
function checksumOf(text: string): string {
  return base62(BigInt(crc32(text)), CHECKSUM);
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let left = value; text.length < length; left /= 62n) text = DIGITS.charAt(Number(left % 62n)) + text;
  return text;
}
