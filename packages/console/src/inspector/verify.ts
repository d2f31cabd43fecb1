import { compactVerify, createLocalJWKSet, errors } from "jose";
import type { JSONWebKeySet } from "jose";
import { isTime } from "./read-token.ts";
import type { ReadToken } from "./read-token.ts";

export type KnownKeys = JSONWebKeySet;

export type Signature =
  | { readonly state: "good"; readonly text: string }
  | { readonly state: "bad" | "unknown"; readonly text: string };

const ASYMMETRIC = ["ES256", "ES384", "ES512", "Ed25519", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/** Verified here, by the browser. */
export async function verifySignature({ header, parts }: ReadToken, keys: KnownKeys | null): Promise<Signature> {
  const { alg, kid } = header;
  if (typeof alg !== "string" || /^none$/i.test(alg) || parts[2] === "") return { state: "bad", text: "There is no signature." };
  if (alg.startsWith("HS")) return { state: "unknown", text: "Made with a shared secret: only who has the secret can tell." };
  if (!ASYMMETRIC.includes(alg)) return { state: "bad", text: `${alg} is no algorithm that a guard takes.` };
  if (keys === null) return { state: "unknown", text: "There are no keys to verify it with." };
  if (globalThis.crypto.subtle === undefined) return { state: "unknown", text: "Browsers verify only on https pages and on localhost." };
  try {
    const { protectedHeader } = await compactVerify(parts.join("."), createLocalJWKSet(keys), { algorithms: ASYMMETRIC });
    return { state: "good", text: `Signed with the key ${protectedHeader.kid ?? "that has no id"}.` };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { state: "bad", text: `The issuer has no key ${typeof kid === "string" ? kid : "for it"}, or not any more.` };
    if (error instanceof errors.JWSSignatureVerificationFailed) return { state: "bad", text: "The signature does not fit: the token was changed, or made with another key." };
    return { state: "bad", text: `It cannot be verified: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

export interface Verdict {
  readonly tone: "good" | "bad" | "warn";
  /** The error and reason it would answer with. */
  readonly code: string;
  readonly text: string;
}

/** What a guard of this issuer and audience would say, in the order in which it looks. `now` in milliseconds. */
export function verdictOf(
  { header, claims }: ReadToken,
  signature: Signature,
  expected: { issuer: string; audience: string },
  now: number,
): Verdict {
  const refuse = (reason: string, text: string): Verdict => ({ tone: "bad", code: `401 invalid_token · ${reason}`, text });
  if (signature.state === "bad") return refuse("signature_invalid", signature.text);
  const { exp, nbf, iss, aud, sub } = claims;
  if (header["typ"] !== "at+jwt" && header["typ"] !== "application/at+jwt") return refuse("claim_invalid", "It is no access token: typ must be at+jwt (RFC 9068).");
  if (!isTime(exp)) return refuse("claim_invalid", "exp has to be there, and a time.");
  if (exp * 1000 <= now) return refuse("token_expired", "It has expired.");
  if (nbf !== undefined && (!isTime(nbf) || nbf * 1000 > now)) return refuse("token_not_active", "It is not good yet.");
  if (expected.issuer !== "" && iss !== expected.issuer) return refuse("claim_invalid", `iss must be ${expected.issuer}.`);
  const audiences = [aud].flat();
  if (expected.audience !== "" && !audiences.includes(expected.audience)) return refuse("claim_invalid", `aud must have ${expected.audience} in it.`);
  if (typeof sub !== "string") return refuse("claim_invalid", "sub has to be there, and a text.");
  if (signature.state === "unknown") return { tone: "warn", code: "It depends on the signature", text: signature.text };
  return { tone: "good", code: "Let in", text: "Unless it was revoked: a guard that follows the feed knows that, this page does not." };
}
