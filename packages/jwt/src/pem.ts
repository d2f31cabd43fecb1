/**
 * Reading PEM (RFC 7468): SPKI and PKCS#8, and the older PKCS#1 and SEC 1.
 *
 * A PEM file says nothing about its algorithm or use, so the caller does. Certificates are refused: nobody here checks
 * their chain or dates.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

import { type AlgorithmName, requireAlgorithm } from "./algorithms.ts";
import { keyInvalid } from "./errors.ts";
import { asymmetricKey, type Key, requireKeyId } from "./key.ts";
import { checkOptions } from "./options.ts";

export interface ImportPemOptions {
  /** The one algorithm the key is for. */
  algorithm: AlgorithmName;
  /** `kid` of the tokens signed with it. Default: the RFC 7638 thumbprint. */
  keyId?: string | undefined;
}

/**
 * Makes a Key of the one public or private key in a PEM text.
 * @throws TypeError if `pem` is not a text or `algorithm` is missing or an HS algorithm.
 * @throws JwtError `key_invalid` if there is no such key in it, more than one, a weak one, or one for another algorithm.
 */
export function importPem(pem: string, options: ImportPemOptions): Key {
  checkOptions("importPem", options, ["algorithm", "keyId"]);
  if (typeof pem !== "string") throw new TypeError("pem must be a text.");
  const spec = requireAlgorithm(options.algorithm);
  if (spec.kty === "oct") throw new TypeError("A PEM key is not a secret: HS256, HS384 and HS512 use importSecret.");
  return asymmetricKey(spec, readPem(pem), requireKeyId(options.keyId));
}

function readPem(pem: string): KeyObject {
  const [label, ...others] = [...pem.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----/gm)].map((match) => match[1] ?? "");
  if (label === undefined || others.length > 0) throw keyInvalid("The text does not hold exactly one PEM block.");
  const kind = /^(?:RSA |EC )?(PUBLIC|PRIVATE) KEY$/.exec(label)?.[1];
  if (kind === undefined) throw keyInvalid("The PEM block is not a public key or an unencrypted private key.");
  try {
    return kind === "PRIVATE" ? createPrivateKey(pem) : createPublicKey(pem);
  } catch {
    throw keyInvalid("The PEM block cannot be read as a key.");
  }
}
