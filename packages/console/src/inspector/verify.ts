import { compactVerify, createLocalJWKSet, errors } from "jose";
import type { JSONWebKeySet } from "jose";
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
  if (globalThis.crypto.subtle === undefined) {
    return { state: "unknown", text: "Browsers verify only on https pages and on localhost." };
  }
  try {
    const { protectedHeader } = await compactVerify(parts.join("."), createLocalJWKSet(keys), { algorithms: ASYMMETRIC });
    return { state: "good", text: `Signed with the key ${protectedHeader.kid ?? "that has no id"}.` };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) {
      return { state: "bad", text: `The issuer has no key ${typeof kid === "string" ? kid : "for it"}, or not any more.` };
    }
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      return { state: "bad", text: "The signature does not fit: the token was changed, or made with another key." };
    }
    return { state: "bad", text: `It cannot be verified: ${error instanceof Error ? error.message : String(error)}.` };
  }
}
