/**
 * The token engine: signs and verifies JSON Web Tokens (RFC 7519) with typed keys.
 *
 * It touches no network, reads no environment and has no dependency. Fetching keys, revocation and HTTP are the
 * business of `@ostiary/guard`.
 */
export type { Algorithm, AlgorithmName } from "./algorithms.ts";
export type { ClaimOptions } from "./claims.ts";
export { decode } from "./decode.ts";
export type { JwtClaims, JwtHeader } from "./decode.ts";
export { JwtError } from "./errors.ts";
export type { JwtErrorCode } from "./errors.ts";
export { generateKey } from "./generate-key.ts";
export type { GenerateKeyOptions } from "./generate-key.ts";
export { importKey } from "./jwk.ts";
export type { ImportKeyOptions } from "./jwk.ts";
export { createKeySet } from "./jwks.ts";
export type { IgnoredKey, KeySet, KeySetOptions } from "./jwks.ts";
export type { Jwk, Key, KeyType } from "./key.ts";
export { importPem } from "./pem.ts";
export type { ImportPemOptions } from "./pem.ts";
export { importSecret } from "./secret.ts";
export type { ImportSecretOptions } from "./secret.ts";
export { createSigner, signJws } from "./sign.ts";
export type { SignerOptions, SignJwsOptions } from "./sign.ts";
export { createVerifier, verifyJws } from "./verify.ts";
export type {
  VerificationKeys, VerifiedJws, VerifiedToken, VerifierOptions, VerifyJwsOptions,
} from "./verify.ts";
