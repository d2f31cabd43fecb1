/** Making new keys. */
import { generateKeyPairSync, randomBytes } from "node:crypto";

import { type AlgorithmName, requireAlgorithm } from "./algorithms.ts";
import { asymmetricKey, type Key, requireKeyId, secretKey } from "./key.ts";
import { checkOptions } from "./options.ts";

export interface GenerateKeyOptions {
  /** `kid` of the tokens signed with it. Default: the RFC 7638 thumbprint; 16 random bytes for HS algorithms. */
  keyId?: string | undefined;
}

/**
 * Makes a new private key, or a new secret for HS algorithms. RSA keys have 2048 bits, and take a moment.
 * @throws TypeError for an unknown algorithm or option.
 */
export function generateKey(algorithm: AlgorithmName, options: GenerateKeyOptions = {}): Key {
  checkOptions("generateKey", options, ["keyId"]);
  const spec = requireAlgorithm(algorithm);
  const keyId = requireKeyId(options.keyId);
  switch (spec.kty) {
    case "oct":
      return secretKey(spec, randomBytes(spec.hashBytes), keyId ?? randomBytes(16).toString("base64url"));
    case "RSA":
      return asymmetricKey(spec, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey, keyId);
    case "EC":
      return asymmetricKey(spec, generateKeyPairSync("ec", { namedCurve: spec.crv ?? "" }).privateKey, keyId);
    case "OKP":
      return asymmetricKey(spec, generateKeyPairSync("ed25519").privateKey, keyId);
  }
}
