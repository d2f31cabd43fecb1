/** Keys, and a way to make tokens that a decent signer would not. */
import { createHmac } from "node:crypto";

import {
  type Algorithm, createVerifier, generateKey, importSecret, type Key, signJws, type VerifierOptions,
} from "../src/index.ts";
import { requireKey } from "../src/key.ts";

export const ISSUER = "https://auth.example";
export const AUDIENCE = "https://api.example";
/** The time of all tests, in seconds. */
export const NOW = 1_800_000_000;

export const ALGORITHMS: Algorithm[] = [
  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
];

const made = new Map<Algorithm, Key>();

/** One key for each algorithm in each test file: RSA keys take their time. Its `kid` is `key-<algorithm>`. */
export function keyFor(algorithm: Algorithm): Key {
  const key = made.get(algorithm) ?? generateKey(algorithm, { keyId: `key-${algorithm}` });
  made.set(algorithm, key);
  return key;
}

export const goodClaims = { iss: ISSUER, aud: AUDIENCE, sub: "user-1", iat: NOW - 60, exp: NOW + 840 };

/** A verifier for `key`, at NOW. */
export function verifierFor(key: Key, options: Partial<VerifierOptions> = {}) {
  return createVerifier({
    keys: key, algorithms: [key.algorithm], issuer: ISSUER, audience: AUDIENCE, clock: () => NOW * 1000, ...options,
  });
}

export function encode(value: unknown): string {
  const text = typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value);
  return Buffer.from(text).toString("base64url");
}

/** A token of any header and payload (as text, bytes or data), properly signed by `key`. */
export function forge(key: Key, header: unknown, payload: unknown = goodClaims): string {
  return signText(key, `${encode(header)}.${encode(payload)}`);
}

/** A token whose signature over `input` is right, whatever `input` is. */
export function signText(key: Key, input: string): string {
  const { sign } = requireKey(key, "key");
  if (!sign) throw new Error("This key cannot sign.");
  return `${input}.${sign(input)}`;
}

/** A token with good claims and a usual header, plus `more` in the header. */
export function tokenOf(key: Key, payload: unknown = goodClaims, more: object = {}): string {
  return forge(key, { alg: key.algorithm, typ: "JWT", kid: key.keyId, ...more }, payload);
}

/** An HS256 token whose secret is any bytes or text, as somebody with our public key would make it. */
export function forgeHmac(secret: string | Uint8Array, header: object = {}, payload: unknown = goodClaims): string {
  const input = `${encode({ alg: "HS256", typ: "JWT", ...header })}.${encode(payload)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

export const secretKey = importSecret(Uint8Array.from({ length: 64 }, (_, i) => 200 + i), { algorithm: "HS256", keyId: "s" });

/** What `call` throws; fails if it throws nothing or anything but an Error. */
export function thrownBy(call: () => unknown): Error & { code?: string; claim?: string | undefined } {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It was accepted.");
}

/** The code and claim of the JwtError that `call` throws; anything else that happens fails the test. */
export function refusal(call: () => unknown): string {
  const error = thrownBy(call);
  if (error.name !== "JwtError") throw new Error(`Not a JwtError but ${error.name}: ${error.message}`);
  return error.claim === undefined ? `${error.code}` : `${error.code} ${error.claim}`;
}

/** A JWS of any payload under `key`. */
export function jwsOf(key: Key, payload: string): string {
  return signJws(payload, { key });
}
