/**
 * Verifying tokens, in this order: format, algorithm, key, signature, claims.
 *
 * Owns the order, and what a verified token's second use may skip. The parts are elsewhere: form in decode.ts, keys in
 * jwks.ts, signatures in algorithms.ts, claims in claims.ts.
 */
import {
  type Algorithm, type AlgorithmName, type AlgorithmSpec, findAlgorithm, requireAlgorithms, type Verify,
} from "./algorithms.ts";
import { type CacheEntry, TokenCache } from "./cache.ts";
import {
  checkClaims, checkTimes, checkType, type ClaimOptions, claimPolicy, normaliseType, type Times,
} from "./claims.ts";
import { headerReader, type JwtClaims, type JwtHeader, parseHeader, refuseParameters, takeApart } from "./decode.ts";
import { JwtError } from "./errors.ts";
import { parseJsonObject } from "./json.ts";
import { createKeySet, isKeySet, type KeySet, selectKey } from "./jwks.ts";
import { isKey, type Key, requireKey, sameKey } from "./key.ts";
import { checkOptions, requireText } from "./options.ts";

/** Keys to verify with: one, a set, or a function that returns the set as it is now. */
export type VerificationKeys = Key | KeySet | (() => KeySet);

export interface VerifierOptions extends ClaimOptions {
  /** Keys to verify with. A function is asked on each use, so that a set can be replaced while the cache lives on. */
  keys: VerificationKeys;
  /** The algorithms that are accepted (RFC 8725 §3.1). No default. */
  algorithms: readonly AlgorithmName[];
  /**
   * Remembers verified tokens, so that their signature need not be checked again; times, and that the key is still
   * there, are checked on each use. Bounded also in bytes, at about 1 KB of token text for each of `maxTokens`; a text
   * that was cut out of a long one keeps the long one in memory.
   * Default: 5000 tokens.
   */
  cache?: { maxTokens: number } | false | undefined;
}

/** A token that was verified. Header and claims are frozen all the way down: the cache hands them out again. */
export interface VerifiedToken<Claims extends object = JwtClaims> {
  readonly header: JwtHeader;
  readonly claims: Claims;
  /** The key that verified it. */
  readonly key: Key;
}

/** Its times are copies of the claims', so that a hit reads nothing from memory but the entry and the text. */
interface RememberedToken extends CacheEntry, Times {
  readonly header: JwtHeader;
  readonly claims: JwtClaims;
  readonly key: Key;
  /** The last set the key was seen in. */
  seenIn: KeySet;
}

const DEFAULT_MAX_TOKENS = 5000;

/**
 * Makes a function that verifies tokens of one issuer and returns their claims.
 *
 * The function throws a JwtError for everything a token can have wrong, and nothing else. A type parameter gives your
 * claims a type; their form beyond the registered claims is yours to check.
 * @throws TypeError for a missing or wrong option.
 */
export function createVerifier<Claims extends object = JwtClaims>(
  options: VerifierOptions,
): (token: string) => VerifiedToken<Claims> {
  checkOptions("createVerifier", options, [
    "keys", "algorithms", "issuer", "audience", "type", "requiredClaims",
    "clockToleranceSeconds", "maxTokenAgeSeconds", "clock", "cache",
  ]);
  const algorithms = requireAlgorithms(options.algorithms);
  const currentKeys = requireKeys(options.keys);
  const policy = claimPolicy(options);
  const cache = createCache<RememberedToken>(options.cache);

  const readHeader = headerReader();

  const verify = (text: string): VerifiedToken<Claims> => {
    const { header, payload, key, keys } = verifySignature(text, { currentKeys, algorithms, readHeader });
    const claims: JwtClaims = parseJsonObject(payload, "payload");
    checkClaims(policy, header, claims);
    const { exp, nbf, iat } = claims;
    cache?.add({ token: text, exp, nbf, iat, header, claims, key, seenIn: keys });
    return { header, claims: claims as Claims, key };
  };
  if (!cache) return verify;

  return (text) => {
    const entry = typeof text === "string" ? cache.get(text) : undefined;
    if (!entry) return verify(text);
    if (!isKeyPresent(entry, currentKeys())) {
      cache.delete(text);
      return verify(text);
    }
    checkTimes(policy, entry);
    return { header: entry.header, claims: entry.claims as Claims, key: entry.key };
  };
}

/** Whether the key that verified the token would be chosen again; costs nothing while the set is the same object. */
function isKeyPresent(entry: RememberedToken, keys: KeySet): boolean {
  if (entry.seenIn === keys) return true;
  const { header, key } = entry;
  const spec = findAlgorithm(header.alg);
  const now = spec && selectKey(keys, spec, header.kid);
  if (!now || !sameKey(now, key)) return false;
  entry.seenIn = keys;
  return true;
}

function createCache<Entry extends CacheEntry>(option: VerifierOptions["cache"]): TokenCache<Entry> | undefined {
  if (option === false) return undefined;
  const maxTokens: unknown = option === undefined ? DEFAULT_MAX_TOKENS : option?.maxTokens;
  if (typeof maxTokens !== "number" || !Number.isSafeInteger(maxTokens) || maxTokens < 1) {
    throw new TypeError("cache must be false or { maxTokens }, a whole number of at least 1.");
  }
  return new TokenCache(maxTokens);
}

export interface VerifyJwsOptions {
  /** Keys to verify with. */
  keys: VerificationKeys;
  /** The algorithms that are accepted. No default. */
  algorithms: readonly AlgorithmName[];
  /** The `typ` that is required in the header, compared as by `createVerifier`. Default: not looked at. */
  type?: string | undefined;
  /**
   * Lets the header have a `jwk`, as DPoP proofs do (RFC 9449 §4.2). It is not used: whether it is the key in `keys` is
   * for the caller to know. Default: false.
   */
  allowJwkHeader?: boolean | undefined;
}

/** A JWS whose signature was verified. */
export interface VerifiedJws {
  readonly header: JwtHeader;
  readonly payload: Uint8Array;
  /** The key that verified it. */
  readonly key: Key;
}

/**
 * Verifies the signature of a compact JWS, and nothing but the signature: no claim, no expiry (RFC 7515 §5.2).
 * @throws JwtError `token_malformed`, `algorithm_not_allowed`, `unknown_key` or `signature_invalid`, in this order, and
 * `claim_missing` or `claim_invalid` for `typ` if `type` is given.
 * @throws TypeError for a missing or wrong option.
 */
export function verifyJws(token: string, options: VerifyJwsOptions): VerifiedJws {
  checkOptions("verifyJws", options, ["keys", "algorithms", "type", "allowJwkHeader"]);
  const algorithms = requireAlgorithms(options.algorithms);
  const currentKeys = requireKeys(options.keys);
  const type = options.type === undefined ? undefined : normaliseType(requireText(options.type, "type"));
  const allowedParameter = options.allowJwkHeader ? "jwk" : undefined;
  const rules: SignatureRules = { currentKeys, algorithms, readHeader: parseHeader, allowedParameter };
  const { header, payload, key } = verifySignature(token, rules);
  if (type !== undefined) checkType(type, header);
  // A copy: a Buffer of Node's pool would hand out its neighbours as well.
  return { header, payload: new Uint8Array(payload), key };
}

interface SignatureRules {
  readonly currentKeys: () => KeySet;
  readonly algorithms: ReadonlySet<Algorithm>;
  readonly readHeader: (text: string) => JwtHeader;
  readonly allowedParameter?: "jwk" | undefined;
}

interface Signed {
  readonly header: JwtHeader;
  readonly payload: Buffer;
  readonly key: Key;
  /** The set that `key` was found in. */
  readonly keys: KeySet;
}

/** Everything up to the signature; what comes back is what the owner of `key` signed. */
function verifySignature(token: unknown, rules: SignatureRules): Signed {
  const { headerText, signingInput, payload, signature } = takeApart(token);
  const header = rules.readHeader(headerText);
  refuseParameters(header, rules.allowedParameter);
  const spec = findAlgorithm(header.alg);
  if (!spec || !rules.algorithms.has(spec.name)) {
    throw new JwtError("algorithm_not_allowed", "The token's algorithm is not among those that are allowed.");
  }
  const keys = rules.currentKeys();
  const { key, verify } = findKey(keys, spec, header.kid);
  if (!verify(signingInput, signature)) {
    throw new JwtError("signature_invalid", "The token's signature is not right.");
  }
  return { header, payload, key, keys };
}

/** The key the header names, if it is for the header's algorithm; there is no trying of several. */
function findKey(keys: KeySet, spec: AlgorithmSpec, keyId: string | undefined): { key: Key; verify: Verify } {
  const key = selectKey(keys, spec, keyId);
  const verify = key && requireKey(key, "key").verify;
  if (!key || !verify) {
    const which = keyId === undefined ? "no kid, and there is not exactly one key for its algorithm" : "a kid of no key";
    throw new JwtError("unknown_key", `The token has ${which}.`);
  }
  if (key.algorithm !== spec.name) {
    throw new JwtError("algorithm_not_allowed", "The token's key is for another algorithm than the token says.");
  }
  return { key, verify };
}

function requireKeys(keys: unknown): () => KeySet {
  if (isKeySet(keys)) return () => keys;
  if (isKey(keys)) {
    const set = createKeySet([keys]);
    return () => set;
  }
  if (typeof keys !== "function") {
    throw new TypeError("keys must be a Key, a KeySet or a function that returns a KeySet; never a text or bytes.");
  }
  const getKeys = keys as () => unknown;
  return () => {
    const set = getKeys();
    if (isKeySet(set)) return set;
    throw new JwtError("unknown_key", "There are no keys: the function given as keys did not return a KeySet.");
  };
}
