/**
 * base64url without padding (RFC 7515 §2).
 *
 * Owns the rule that bytes have exactly one text. A text that a lenient decoder would also take (padding, white
 * space, `+` and `/`, set bits that no byte uses) is a second spelling of the same token, and a denylist or a cache
 * that knows one spelling does not know the other.
 */

export function encodeBase64url(bytes: Uint8Array | string): string {
  return typeof bytes === "string"
    ? Buffer.from(bytes, "utf8").toString("base64url")
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/** The bytes of a canonical base64url text, or undefined for any other text. */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  // Node skips what it does not know. Only the canonical text comes back unchanged.
  return bytes.toString("base64url") === text ? bytes : undefined;
}
