import { crc32 } from "node:zlib";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** An API key as the server writes it, of the name and the secret that begin like this. */
export function apiKeyText(name: string, secret = "s"): string {
  const body = `ostk_${`${name}x`.padEnd(20, "0")}${secret.padEnd(43, "1")}`;
  let checksum = "";
  for (let left = BigInt(crc32(body)); checksum.length < 6; left /= 62n) checksum = DIGITS[Number(left % 62n)] + checksum;
  return body + checksum;
}
