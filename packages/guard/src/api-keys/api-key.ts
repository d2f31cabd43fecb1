/** The form of an API key of Ostiary: `ostk_`, 20 characters that name it, 43 that are secret, 6 of a checksum; in base62. */
const PREFIX = "ostk_";
const CHECKSUM_LENGTH = 6;
const FORM = /^ostk_[0-9A-Za-z]{69}$/;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Whether this credential is meant as an API key. No JWT is: they begin with a brace in base64url. */
export function isApiKey(credential: unknown): credential is string {
  return typeof credential === "string" && credential.startsWith(PREFIX);
}

/** Whether it may be one. Anybody can make such a text; but nobody by mistake, so that a slip of the pen is asked of nobody. */
export function isWellFormed(key: string): boolean {
  if (!FORM.test(key)) return false;
  const body = key.slice(0, -CHECKSUM_LENGTH);
  return key.slice(-CHECKSUM_LENGTH) === checksum(body);
}

function checksum(text: string): string {
  let digits = "";
  for (let left = crc32(text); digits.length < CHECKSUM_LENGTH; left = Math.floor(left / 62)) digits = DIGITS.charAt(left % 62) + digits;
  return digits;
}

/** That of zlib, which not every runtime of a guard has under that name. */
function crc32(ascii: string): number {
  let crc = -1;
  for (let i = 0; i < ascii.length; i++) {
    crc ^= ascii.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  }
  return ~crc >>> 0;
}
