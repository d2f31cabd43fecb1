/**
 * The table of signature algorithms (RFC 7518 §3, RFC 8037, RFC 9864), and how each signs and verifies.
 *
 * Everything that differs between algorithms is here and in hmac.ts. There is no entry for `none`, and no way to add
 * one. Which algorithms a caller allows, and whether a key is strong enough, is decided elsewhere.
 */
import { constants, type KeyObject, sign, verify } from "node:crypto";

import { derToRaw, rawToDer } from "./ecdsa.ts";

export type Algorithm =
  | "HS256" | "HS384" | "HS512"
  | "RS256" | "RS384" | "RS512"
  | "PS256" | "PS384" | "PS512"
  | "ES256" | "ES384" | "ES512"
  | "Ed25519";

/** An algorithm, or the older name of Ed25519, which is understood in tokens, keys and options, but never written. */
export type AlgorithmName = Algorithm | "EdDSA";

export interface AlgorithmSpec {
  readonly name: Algorithm;
  readonly kty: "oct" | "RSA" | "EC" | "OKP";
  /** The hash's name for node:crypto; Ed25519 brings its own. */
  readonly hash: "sha256" | "sha384" | "sha512" | undefined;
  /** Bytes the hash puts out; for PS* also the length of the salt (RFC 7518 §3.5). */
  readonly hashBytes: number;
  /** `crv` of the JWK, for EC and OKP. */
  readonly crv?: "P-256" | "P-384" | "P-521" | "Ed25519";
  /** Bytes of one coordinate (RFC 7518 §6.2.1.2); a signature is two of them. */
  readonly coordinateBytes?: number;
  readonly pss?: boolean;
}

const specs: Readonly<Record<Algorithm, AlgorithmSpec>> = {
  HS256: { name: "HS256", kty: "oct", hash: "sha256", hashBytes: 32 },
  HS384: { name: "HS384", kty: "oct", hash: "sha384", hashBytes: 48 },
  HS512: { name: "HS512", kty: "oct", hash: "sha512", hashBytes: 64 },
  RS256: { name: "RS256", kty: "RSA", hash: "sha256", hashBytes: 32 },
  RS384: { name: "RS384", kty: "RSA", hash: "sha384", hashBytes: 48 },
  RS512: { name: "RS512", kty: "RSA", hash: "sha512", hashBytes: 64 },
  PS256: { name: "PS256", kty: "RSA", hash: "sha256", hashBytes: 32, pss: true },
  PS384: { name: "PS384", kty: "RSA", hash: "sha384", hashBytes: 48, pss: true },
  PS512: { name: "PS512", kty: "RSA", hash: "sha512", hashBytes: 64, pss: true },
  ES256: { name: "ES256", kty: "EC", hash: "sha256", hashBytes: 32, crv: "P-256", coordinateBytes: 32 },
  ES384: { name: "ES384", kty: "EC", hash: "sha384", hashBytes: 48, crv: "P-384", coordinateBytes: 48 },
  ES512: { name: "ES512", kty: "EC", hash: "sha512", hashBytes: 64, crv: "P-521", coordinateBytes: 66 },
  Ed25519: { name: "Ed25519", kty: "OKP", hash: undefined, hashBytes: 64, crv: "Ed25519", coordinateBytes: 32 },
};

const byName: ReadonlyMap<unknown, AlgorithmSpec> = new Map<unknown, AlgorithmSpec>([
  ...Object.entries(specs),
  ["EdDSA", specs.Ed25519],
]);

/** The entry for a name as it stands in a header or JWK: byte for byte, or undefined. */
export function findAlgorithm(name: unknown): AlgorithmSpec | undefined {
  return byName.get(name);
}

/** The entry for an option's value; throws a TypeError for anything that is not in the table. */
export function requireAlgorithm(name: unknown): AlgorithmSpec {
  const spec = byName.get(name);
  if (spec) return spec;
  const given = typeof name === "string" ? JSON.stringify(name) : typeof name;
  throw new TypeError(`algorithm must be one of ${Object.keys(specs).join(", ")}; it is ${given}.`);
}

/** The allow-list of a verifier (RFC 8725 §3.1); throws a TypeError if it is missing, empty or names nothing known. */
export function requireAlgorithms(names: unknown): ReadonlySet<Algorithm> {
  if (!Array.isArray(names) || names.length === 0) {
    throw new TypeError("algorithms is required: name the algorithms your keys are for, for example [\"ES256\"].");
  }
  return new Set(names.map((name: unknown) => requireAlgorithm(name).name));
}

/** The signature of a text of ASCII characters, in base64url. */
export type Sign = (input: string) => string;

/** Whether `signature` is right for a text of ASCII characters. Never throws. */
export type Verify = (input: string, signature: Uint8Array) => boolean;

/** How a private key signs. */
export function signWith(spec: AlgorithmSpec, key: KeyObject): Sign {
  const { hash, kty, coordinateBytes = 0 } = spec;
  const input = withPadding(spec, key);
  if (kty !== "EC") return (text) => sign(hash, Buffer.from(text, "latin1"), input).toString("base64url");
  return (text) => derToRaw(sign(hash, Buffer.from(text, "latin1"), input), coordinateBytes).toString("base64url");
}

/** How a public key verifies. */
export function verifyWith(spec: AlgorithmSpec, key: KeyObject): Verify {
  const { hash, kty } = spec;
  const input = withPadding(spec, key);
  const length = signatureBytes(spec, key);
  return (text, signature) => {
    if (signature.length !== length) return false;
    try {
      return verify(hash, Buffer.from(text, "latin1"), input, kty === "EC" ? rawToDer(signature) : signature);
    } catch {
      return false; // OpenSSL's complaints about a hostile signature are nobody's business
    }
  };
}

/**
 * The key as node:crypto takes it. Bare wherever possible: of an object with a key in it, Node 24 finds out that it is
 * no KeyObject by catching two exceptions, which takes as long as half an ES256 signature.
 */
function withPadding({ pss, hashBytes }: AlgorithmSpec, key: KeyObject) {
  return pss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: hashBytes } : key;
}

function signatureBytes(spec: AlgorithmSpec, key: KeyObject): number {
  if (spec.coordinateBytes !== undefined) return 2 * spec.coordinateBytes;
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}
