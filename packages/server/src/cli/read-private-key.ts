import { JwtError, importKey, importPem } from "@ostiary/jwt";
import type { Algorithm, Jwk, Key } from "@ostiary/jwt";
import { StartError } from "../errors.ts";

/** Reads a key from PEM or JWK, checking algorithm and strength. Throws a StartError with one sentence. */
export function readPrivateKey(text: string, algorithm: Algorithm, keyId: string | undefined): Key {
  try {
    if (!text.trimStart().startsWith("{")) return importPem(text, { algorithm, keyId });
    const jwk = JSON.parse(text) as Jwk;
    const isRsaOrSecret = jwk.kty === "RSA" || jwk.kty === "oct";
    const named = keyId === undefined ? jwk : { ...jwk, kid: keyId };
    return importKey(named, jwk.alg === undefined && isRsaOrSecret ? { algorithm } : {});
  } catch (error) {
    if (error instanceof JwtError) throw new StartError(`The key cannot be used for ${algorithm}: ${error.message}`, { cause: error });
    if (error instanceof SyntaxError) throw new StartError("The file is neither PEM nor a JWK.", { cause: error });
    if (error instanceof TypeError) throw new StartError(error.message, { cause: error });
    throw error;
  }
}
