/** RFC 4648 §5, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws if it is none. */
export function decodeBase64url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

/**
 * The SHA-256 of a text, as OAuth puts hashes into parameters and claims. Rejects with a `TypeError` where there is no Web
 * Crypto.
 */
export async function hashOf(text: string): Promise<string> {
  if (!("subtle" in crypto)) throw new TypeError("Web Crypto is there on https pages and on localhost only.");
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}
