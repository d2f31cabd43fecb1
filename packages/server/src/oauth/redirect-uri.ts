import { isLoopback } from "../clients/registration.ts";

/** Host and port of what may be a program on the same device, and what comes after them. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?(?=[/?]|$)(.*)$/;

/**
 * Whether it is one of those registered: the same text, character by character (RFC 9700 §4.1.3). Of a loopback address
 * the port alone may differ, as programs learn theirs only when they listen (RFC 8252 §7.3).
 */
export function isRegisteredUri(given: string, registered: readonly string[]): boolean {
  if (registered.includes(given)) return true;
  const [, host, rest] = LOOPBACK.exec(given) ?? [];
  if (host === undefined || !URL.canParse(given)) return false;
  return registered.some((uri) => {
    const [, registeredHost, registeredRest] = LOOPBACK.exec(uri) ?? [];
    return registeredHost === host && registeredRest === rest;
  });
}

/** Where it leads, in words for people: a host, or nothing if it is a program on their own device. */
export function hostOf(redirectUri: string): string | null {
  const url = new URL(redirectUri);
  return /^https?:$/.test(url.protocol) && !isLoopback(url) ? url.host : null;
}
