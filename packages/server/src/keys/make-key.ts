import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { generateKey, importKey } from "@ostiary/jwt";
import type { Algorithm, Key } from "@ostiary/jwt";

const RSA_BITS = 2048;

/** A new key, whose id can be typed: one that begins with a dash would be taken for an option. */
export async function makeKey(algorithm: Algorithm): Promise<Key> {
  for (;;) {
    const key = await makeAnyKey(algorithm);
    if (key.keyId?.startsWith("-") !== true) return key;
  }
}

/** An RSA pair is made beside the event loop: its primes may take half a second to find. */
async function makeAnyKey(algorithm: Algorithm): Promise<Key> {
  if (!/^[RP]S/.test(algorithm)) return generateKey(algorithm);
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: RSA_BITS });
  return importKey(privateKey.export({ format: "jwk" }), { algorithm });
}
