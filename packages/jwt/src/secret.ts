/**
 * HMAC secrets: what is taken as one.
 *
 * Owns the refusal of everything that is not random bytes of at least the hash's length (RFC 7518 §3.2): passwords,
 * and above all the text or DER of a public key, with which anybody could sign.
 */
import { createPublicKey } from "node:crypto";

import { type AlgorithmName, type AlgorithmSpec, requireAlgorithm } from "./algorithms.ts";
import { keyInvalid } from "./errors.ts";
import { type Key, requireKeyId, secretKey } from "./key.ts";
import { checkOptions } from "./options.ts";

export interface ImportSecretOptions {
  /** HS256, HS384 or HS512. */
  algorithm: AlgorithmName;
  /** `kid` of the tokens signed with it. Default: none. */
  keyId?: string | undefined;
}

/**
 * Makes a Key of secret bytes, such as `randomBytes(32)` for HS256. The bytes are copied.
 * @throws TypeError if it is not bytes: decode a hex or base64 text first.
 * @throws JwtError `key_invalid` if they are fewer than the hash puts out, or look like a key, a JWK or a password.
 */
export function importSecret(secret: Uint8Array, options: ImportSecretOptions): Key {
  checkOptions("importSecret", options, ["algorithm", "keyId"]);
  const spec = requireAlgorithm(options.algorithm);
  if (spec.kty !== "oct") throw new TypeError(`importSecret is for HS256, HS384 and HS512, not for ${spec.name}.`);
  if (!(secret instanceof Uint8Array)) {
    throw new TypeError("The secret must be bytes, not a text: Buffer.from(text, \"base64url\") decodes one.");
  }
  const keyId = requireKeyId(options.keyId);
  checkSecret(spec, secret);
  return secretKey(spec, secret, keyId);
}

/** Throws a JwtError `key_invalid` unless `secret` can be an HMAC secret of `spec`. */
export function checkSecret(spec: AlgorithmSpec, secret: Uint8Array): void {
  if (secret.length < spec.hashBytes) {
    throw keyInvalid(`A secret for ${spec.name} has at least ${spec.hashBytes} bytes; this one has ${secret.length}.`);
  }
  if (isDerPublicKey(secret)) throw keyInvalid("The secret is a public key.");
  const text = Buffer.from(secret).toString("utf8").replace(/^\ufeff/, "").trim();
  if (/-----BEGIN|^ssh-|^ecdsa-sha2-/.test(text)) throw keyInvalid("The secret is the text of a key.");
  if (isJson(text)) throw keyInvalid("The secret is JSON, such as a JWK.");
  if (looksWritten(spec, text)) {
    throw keyInvalid("The secret looks like a password or a short text. Use random bytes, as randomBytes(64) makes them.");
  }
}

function isDerPublicKey(secret: Uint8Array): boolean {
  if (secret[0] !== 0x30) return false;
  return (["spki", "pkcs1"] as const).some((type) => {
    try {
      createPublicKey({ key: Buffer.from(secret), format: "der", type });
      return true;
    } catch {
      return false;
    }
  });
}

function isJson(text: string): boolean {
  if (!/^[[{"]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a text is something a person wrote, or too short for what it is an encoding of. Words, names and rows of
 * digits make up nearly all of what people write, and a third of base64; four fifths of one random text in 40,000.
 */
function looksWritten(spec: AlgorithmSpec, text: string): boolean {
  if (!/^[\x20-\x7e]+$/.test(text)) return isWords(text);
  const dense = text.replace(/[-_ .,:=]/g, "");
  if (new Set(dense).size < 10) return true;
  if (/^[0-9a-f]+$/i.test(dense)) return dense.length < 2 * spec.hashBytes;
  const words = dense.match(/[A-Z]?[a-z]{3,}|[A-Z]{4,}|\d{4,}/g) ?? [];
  return words.join("").length > 0.8 * dense.length;
}

/** Letters of any script and spaces: a passphrase. Random bytes are not even valid UTF-8. */
function isWords(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u.test(text) && !text.includes("\ufffd");
}
