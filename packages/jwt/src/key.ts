/**
 * Keys: opaque, of exactly one algorithm, and strong enough for it from the moment they exist.
 *
 * Owns the class, and the making of keys from what has been read. How strong a key must be is in key-strength.ts;
 * reading is done in jwk.ts, pem.ts and secret.ts.
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";

import { type Algorithm, type AlgorithmSpec, type Sign, signWith, type Verify, verifyWith } from "./algorithms.ts";
import { hmacWith } from "./hmac.ts";
import { checkHalves, checkStrength } from "./key-strength.ts";

export type KeyType = "public" | "private" | "secret";

/** A JSON Web Key (RFC 7517), as this package writes it. */
export interface Jwk {
  kty: string;
  kid?: string;
  alg?: string;
  use?: string;
  key_ops?: string[];
  crv?: string;
  x?: string;
  y?: string;
  n?: string;
  e?: string;
  d?: string;
  p?: string;
  q?: string;
  dp?: string;
  dq?: string;
  qi?: string;
  k?: string;
  [name: string]: unknown;
}

/** What a key is made of. Never leaves the package. */
export interface KeyMaterial {
  readonly spec: AlgorithmSpec;
  readonly type: KeyType;
  readonly keyId: string | undefined;
  /** Equal for equal keys: the RFC 7638 thumbprint of the public half, or a hash of the secret that nobody is shown. */
  readonly identity: string;
  readonly sign: Sign | undefined;
  readonly verify: Verify | undefined;
  /** The key's members without `kid`, `alg` and `use`. */
  readonly publicMembers: Jwk | undefined;
  readonly privateMembers: (() => Jwk) | undefined;
}

let materialOf: (key: Key) => KeyMaterial;
let holdsMaterial: (value: object) => boolean;

/**
 * A key for one algorithm. Made by `generateKey`, `importKey`, `importPem` and `importSecret` only.
 *
 * It never shows what it is made of, except by `publicJwk()` and `privateJwk()`; logging it or turning it into JSON
 * prints `algorithm`, `keyId` and `type`.
 */
export class Key {
  readonly algorithm: Algorithm;
  /**
   * `kid` of the tokens this key signs. Default: the RFC 7638 thumbprint; none for an imported secret, because a hash of
   * it in every header would let people try guesses.
   */
  readonly keyId: string | undefined;
  readonly type: KeyType;
  readonly #material: KeyMaterial;

  constructor(material: KeyMaterial) {
    this.algorithm = material.spec.name;
    this.keyId = material.keyId;
    this.type = material.type;
    this.#material = material;
    Object.freeze(this);
  }

  static {
    materialOf = (key) => key.#material;
    holdsMaterial = (value) => #material in value;
  }

  /** The public half as a JWK with `kid`, `alg` and `use`. Throws a TypeError for a secret: it has no public half. */
  publicJwk(): Jwk {
    const { publicMembers } = this.#material;
    if (!publicMembers) throw new TypeError("A secret has no public JWK.");
    return this.#withMetadata(publicMembers);
  }

  /** The whole key as a JWK, to be kept as secret as the key. Throws a TypeError for a public key. */
  privateJwk(): Jwk {
    const { privateMembers } = this.#material;
    if (!privateMembers) throw new TypeError("A public key has no private JWK.");
    return this.#withMetadata(privateMembers());
  }

  /** The public half as a key of its own. Throws a TypeError for a secret. */
  publicKey(): Key {
    if (this.type === "public") return this;
    if (this.type === "secret") throw new TypeError("A secret has no public half.");
    return new Key({ ...this.#material, type: "public", sign: undefined, privateMembers: undefined });
  }

  #withMetadata(members: Jwk): Jwk {
    return { ...members, ...(this.keyId !== undefined && { kid: this.keyId }), alg: this.algorithm, use: "sig" };
  }
}

/** Whether `value` is a Key and not something that looks like one. Calls nothing on it. */
export function isKey(value: unknown): value is Key {
  return typeof value === "object" && value !== null && holdsMaterial(value);
}

/** What `key` is made of; throws a TypeError that names the option if it is not a Key. */
export function requireKey(key: unknown, option: string): KeyMaterial {
  if (isKey(key)) return materialOf(key);
  throw new TypeError(
    `${option} must be a Key made by generateKey, importKey, importPem or importSecret, not ${describe(key)}.`,
  );
}

function describe(value: unknown): string {
  if (typeof value === "string") return "a string";
  return value instanceof Uint8Array ? "bytes" : value === null ? "null" : typeof value;
}

/** Whether two keys are the same: material, algorithm and `kid`. */
export function sameKey(a: Key, b: Key): boolean {
  if (a === b) return true;
  const [one, other] = [materialOf(a), materialOf(b)];
  return one.identity === other.identity && one.spec === other.spec && one.keyId === other.keyId;
}

/** A `keyId` option; throws a TypeError if it is not a usable `kid`. */
export function requireKeyId(keyId: unknown): string | undefined {
  if (keyId === undefined || (typeof keyId === "string" && keyId.length > 0 && keyId.length <= 256)) return keyId;
  throw new TypeError("keyId must be a text of 1 to 256 characters.");
}

/** Makes a key of an RSA, EC or Ed25519 key object; throws a JwtError `key_invalid` if it is not one for `spec`. */
export function asymmetricKey(spec: AlgorithmSpec, key: KeyObject, keyId: string | undefined): Key {
  checkStrength(spec, key);
  const isPrivate = key.type === "private";
  const publicHalf = isPrivate ? createPublicKey(key) : key;
  const publicMembers = publicHalf.export({ format: "jwk" }) as Jwk;
  const identity = thumbprint(publicMembers);
  const material: KeyMaterial = {
    spec,
    type: isPrivate ? "private" : "public",
    keyId: keyId ?? identity,
    identity,
    sign: isPrivate ? signWith(spec, key) : undefined,
    verify: verifyWith(spec, publicHalf),
    publicMembers,
    privateMembers: isPrivate ? () => key.export({ format: "jwk" }) as Jwk : undefined,
  };
  if (material.privateMembers) checkHalves(material, material.privateMembers());
  return new Key(material);
}

/** Makes a key of a secret that is known to be good. `uses` narrows what it may be used for (RFC 7517 §4.3). */
export function secretKey(
  spec: AlgorithmSpec,
  secret: Uint8Array,
  keyId: string | undefined,
  uses: { sign: boolean; verify: boolean } = { sign: true, verify: true },
): Key {
  const bytes = Buffer.from(Uint8Array.from(secret).buffer);
  const { sign, verify } = hmacWith(spec, bytes);
  return new Key({
    spec,
    type: "secret",
    keyId,
    identity: createHash("sha256").update("oct").update(bytes).digest("base64url"),
    sign: uses.sign ? sign : undefined,
    verify: uses.verify ? verify : undefined,
    publicMembers: undefined,
    privateMembers: () => ({ kty: "oct", k: bytes.toString("base64url") }),
  });
}

/** SHA-256 over the required members in lexicographic order, no spaces (RFC 7638 §3). */
function thumbprint({ crv, e, kty, n, x, y }: Jwk): string {
  const members = kty === "RSA" ? { e, kty, n } : kty === "EC" ? { crv, kty, x, y } : { crv, kty, x };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}
