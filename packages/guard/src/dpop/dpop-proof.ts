/**
 * DPoP (RFC 9449), the receiving side: is this proof one for this request, made now, by the key it names?
 *
 * This file owns the checks of one proof (§4.3). Whether it was seen before is the memory's business (`replay-memory`),
 * what a server's nonces are is in `dpop-nonce`, and which proof a request needs, and what the answer looks like without
 * one, is decided by those who call.
 */
import { createHash } from "node:crypto";
import { decode, importKey, JwtError, verifyJws, type AlgorithmName, type JwtClaims, type JwtHeader, type Key } from "@ostiary/jwt";
import { sameTarget } from "./target-uri.ts";

/** What a proof may be signed with: the asymmetric algorithms, under every name they have. */
export const DPOP_ALGORITHMS: readonly AlgorithmName[] = [
  ...(["ES256", "ES384", "ES512", "Ed25519", "EdDSA"] as const),
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
];

/** In characters: room for a key of RSA's, and for no more. */
const MAX_PROOF_LENGTH = 4096;

const MAX_JTI_LENGTH = 256;
const MAX_URL_LENGTH = 2048;

/** Why a proof is refused. The message is safe to show to callers: nothing they sent is in it. */
export class DpopProofError extends Error {
  override readonly name = "DpopProofError";
  readonly code = "invalid_dpop_proof";
}

/** What a proof has to be for. */
export interface ExpectedProof {
  /** The request's method, in the case in which it was sent. */
  readonly method: string;
  /** The request's absolute URL, as those who call write it; its query and fragment are not looked at. */
  readonly url: string;
  /** The access token that came with the proof; a proof without one must not be for one. */
  readonly accessToken?: string | undefined;
  /** In seconds since the epoch. */
  readonly nowSeconds: number;
  /** How long ago a proof may have been made. Default 60. */
  readonly maxAgeSeconds?: number | undefined;
  /** How far in the future, because clocks differ. Default 5. */
  readonly clockToleranceSeconds?: number | undefined;
}

/** A proof that was verified. */
export interface DpopProof {
  /** The RFC 7638 thumbprint of the key: the `jkt` of what is bound to it. */
  readonly thumbprint: string;
  readonly jti: string;
  /** In seconds since the epoch. */
  readonly issuedAt: number;
  /** The nonce it was made with; whether that is a good one is for the caller to look at. */
  readonly nonce: string | null;
}

export const PROOF_MAX_AGE_SECONDS = 60;
export const PROOF_CLOCK_TOLERANCE_SECONDS = 5;

/** The proof of a request; null when there is none. Throws a `DpopProofError` when there are several (RFC 9449 §4.3). */
export function readDpopHeader(headers: { get(name: string): string | null }): string | null {
  const header = headers.get("dpop");
  // A JWT has no comma: one means that a second header was joined on.
  if (header?.includes(",")) throw new DpopProofError("The request has more than one DPoP header.");
  return header;
}

/**
 * Checks a proof as RFC 9449 §4.3 has it, but for what only a server can know: whether its nonce is good, whether it was
 * used before, and whether its key is the one that a token is bound to. Throws a `DpopProofError`.
 */
export function verifyDpopProof(proof: string, expected: ExpectedProof): DpopProof {
  if (typeof proof !== "string" || proof.length > MAX_PROOF_LENGTH) throw refused("is too long");
  const { header, claims } = engine("is not a well-formed JWT", () => decode(proof));
  if (header.typ !== "dpop+jwt") throw refused("does not have the typ dpop+jwt");
  if (!DPOP_ALGORITHMS.some((name) => name === header.alg)) throw refused("is not signed with an asymmetric algorithm known here");
  const { key, thumbprint } = readKey(header);
  engine("is not signed by the key in its jwk", () => {
    verifyJws(proof, { keys: key, algorithms: [key.algorithm], allowJwkHeader: true });
  });

  const { jti, iat, nonce = null, htm, htu, ath } = claims;
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_LENGTH) throw refused("has no jti of 1 to 256 characters");
  if (htm !== expected.method) throw refused("is for another method: see htm");
  if (typeof htu !== "string" || htu.length > MAX_URL_LENGTH || !sameTarget(htu, expected.url)) {
    throw refused("is for another address: see htu");
  }
  const issuedAt = checkTimes(claims, iat, expected);
  if (nonce !== null && (typeof nonce !== "string" || nonce === "")) throw refused("has a nonce that is not a text");
  checkTokenHash(ath, expected.accessToken);
  return { thumbprint, jti, issuedAt, nonce };
}

/** `ath` of a proof for this token (RFC 9449 §4.2). */
export function accessTokenHash(accessToken: string): string {
  return createHash("sha256").update(accessToken).digest("base64url");
}

/** An RSA key beyond 4096 bits is nothing but work for whoever verifies. */
const MAX_MODULUS_LENGTH = 684;

/** The key in the header, by what makes it, and nothing else that it says of itself. */
function readKey(header: JwtHeader): { key: Key; thumbprint: string } {
  const jwk: unknown = header["jwk"];
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) throw refused("has no jwk in its header");
  const { kid: _kid, alg: _alg, use: _use, key_ops: _operations, ...members } = jwk as Record<string, unknown>;
  const { n } = members;
  if (typeof n === "string" && n.length > MAX_MODULUS_LENGTH) throw refused("has an RSA key of more than 4096 bits");
  return engine("has a jwk that is no public key for its algorithm", () => {
    const algorithm = header.alg as AlgorithmName;
    const unnamed = importKey(members, { algorithm });
    if (unnamed.type !== "public") throw refused("shows a private key: use it no more");
    // A key without a name has its thumbprint for one; the engine looks for the name in the header.
    const key = header.kid === undefined ? unnamed : importKey({ ...members, kid: header.kid }, { algorithm });
    return { key, thumbprint: unnamed.keyId as string };
  });
}

/** `iat` is the proof's; `exp` and `nbf`, which RFC 9449 does not ask for, are its maker's word all the same. */
function checkTimes({ exp, nbf }: JwtClaims, iat: unknown, expected: ExpectedProof): number {
  const { nowSeconds, maxAgeSeconds = PROOF_MAX_AGE_SECONDS, clockToleranceSeconds = PROOF_CLOCK_TOLERANCE_SECONDS } = expected;
  if (!isTime(iat)) throw refused("has no iat");
  if (iat < nowSeconds - maxAgeSeconds) throw refused("is too old: see iat");
  if (iat > nowSeconds + clockToleranceSeconds) throw refused("is from the future: see iat");
  if (exp !== undefined && !(isTime(exp) && exp > nowSeconds - clockToleranceSeconds)) throw refused("has expired: see exp");
  if (nbf !== undefined && !(isTime(nbf) && nbf <= nowSeconds + clockToleranceSeconds)) throw refused("is not good yet: see nbf");
  return iat;
}

function checkTokenHash(ath: unknown, accessToken: string | undefined): void {
  if (accessToken === undefined) {
    if (ath !== undefined) throw refused("is for an access token, and none came with it: see ath");
  } else if (ath !== accessTokenHash(accessToken)) {
    throw refused("is not for this access token: see ath");
  }
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function refused(how: string, cause?: JwtError): DpopProofError {
  return new DpopProofError(`The DPoP proof ${how}.`, cause === undefined ? undefined : { cause });
}

/** What the token engine refuses is the proof's fault; anything else that is thrown stays what it is. */
function engine<Result>(refusal: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof JwtError ? refused(refusal, error) : error;
  }
}
