import { hash, timingSafeEqual } from "node:crypto";

/** Base64url of 32 bytes: what S256, the only method there is, makes of any verifier (RFC 7636 §4.2). */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
/** RFC 7636 §4.1. */
const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

export function isCodeChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

/** Whether it is the verifier of this challenge. In constant time, as far as it has the form of one. */
export function isVerifierOf(verifier: string, challenge: string): boolean {
  if (!VERIFIER.test(verifier)) return false;
  const [a, b] = [Buffer.from(hash("sha256", verifier, "base64url")), Buffer.from(challenge)];
  return a.length === b.length && timingSafeEqual(a, b);
}
