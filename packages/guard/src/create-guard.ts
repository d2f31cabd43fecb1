import { createKeySet, type AlgorithmName, type Key, type KeySet } from "@ostiary/jwt";
import { checkAddress } from "./address.ts";
import { checkAudience, checkFunctions, checkNames, checkNumber } from "./check-options.ts";
import type { Fetch } from "./fetch-json.ts";
import { checkRevocation, followedRevocations, type RevocationOptions } from "./followed-revocations.ts";
import { buildGuard, type Guard } from "./guard.ts";
import { createKeyCache } from "./key-cache.ts";
import { localKeys } from "./key-source.ts";

export interface GuardOptions {
  /** URL of the auth server, exactly as in the tokens' `iss`: https, or http on a loopback address. */
  readonly issuer: string;
  /** The name of this API: one of them must be in the tokens' `aud`. */
  readonly audience: string | readonly string[];
  /** What tokens may be signed with. Default: every asymmetric algorithm, or those of the given `keys`. */
  readonly algorithms?: readonly AlgorithmName[];
  /** One key, several, or a `KeySet`, instead of those the issuer publishes: nothing is fetched. HS* needs it. */
  readonly keys?: Key | Iterable<Key>;
  /** Lets the guard see what is revoked, by the auth server's feed. Without it a token is good until it expires. */
  readonly revocation?: RevocationOptions;
  /** In seconds, 0 to 60: how far the clocks of issuer and guard may be apart. Default 0. */
  readonly clockToleranceSeconds?: number;
  /** How many verified tokens are remembered, 0 to 1,000,000; 0 verifies each token every time. Default 10,000. */
  readonly maxCachedTokens?: number;
  /** In seconds, 1 to 3,600: the least time between fetches because of unknown keys. Default 5. */
  readonly keyCooldownSeconds?: number;
  /** In seconds, 0.01 to 60: how long one fetch may take. Default 5. */
  readonly fetchTimeoutSeconds?: number;
  /** Hears, in a sentence, what an operator should know. Default: a Node process warning on stderr. */
  readonly onWarning?: (message: string) => void;
  /**
   * Used for all requests of the guard. Default: the global `fetch`, and for the feed a connection of the guard's own,
   * which does not keep the process alive.
   */
  readonly fetch?: Fetch;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly clock?: () => number;
  /** Milliseconds since any moment, of a clock that is never set. Default: `performance.now`. */
  readonly monotonicClock?: () => number;
}

const OPTION_NAMES = [
  "issuer",
  "audience",
  "algorithms",
  "keys",
  "revocation",
  "clockToleranceSeconds",
  "maxCachedTokens",
  "keyCooldownSeconds",
  "fetchTimeoutSeconds",
  "onWarning",
  "fetch",
  "clock",
  "monotonicClock",
];

// The first RSA algorithm is what a published RSA key without `alg` is taken for.
const ASYMMETRIC: readonly AlgorithmName[] = [
  ...(["ES256", "ES384", "ES512", "Ed25519"] as const),
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
];

/**
 * A guard for an API, by the keys that the issuer publishes. Keys are not fetched before the first token or `ready()`;
 * the revocation feed is followed from here on. Without one it cannot see revocations, and says so once, by `onWarning`.
 * Throws a TypeError when an option is missing, unknown or out of range.
 */
export function createGuard<Claims extends object = object>(options: GuardOptions): Guard<Claims> {
  checkNames("createGuard", options, OPTION_NAMES);
  const {
    issuer,
    audience,
    clockToleranceSeconds = 0,
    maxCachedTokens = 10_000,
    keyCooldownSeconds: cooldownSeconds = 5,
    fetchTimeoutSeconds = 5,
    onWarning = (message) => process.emitWarning(message, "OstiaryWarning"),
    fetch = globalThis.fetch,
    clock = Date.now,
    monotonicClock: monotonic = () => performance.now(),
  } = options;
  const url = checkAddress("issuer", issuer);
  if (url.search !== "") throw new TypeError(`issuer must not have a query: ${issuer}`);
  checkAudience(audience);
  checkNumber("clockToleranceSeconds", clockToleranceSeconds, { min: 0, max: 60 });
  checkNumber("maxCachedTokens", maxCachedTokens, { min: 0, max: 1_000_000, whole: true });
  checkNumber("keyCooldownSeconds", cooldownSeconds, { min: 1, max: 3600 });
  checkNumber("fetchTimeoutSeconds", fetchTimeoutSeconds, { min: 0.01, max: 60 });
  checkFunctions({ onWarning, fetch, clock, monotonicClock: monotonic });
  const revocation = options.revocation === undefined ? undefined : checkRevocation(options.revocation);

  const given = options.keys === undefined ? undefined : givenKeys(options.keys, options.algorithms);
  const algorithms = options.algorithms ?? (given === undefined ? ASYMMETRIC : Array.from(given, (key) => key.algorithm));
  if (given === undefined) refuseSecrets(algorithms);
  const keys =
    given === undefined
      ? createKeyCache({ issuer, algorithms, cooldownSeconds, fetchTimeoutSeconds, fetch, clock, onWarning })
      : localKeys(() => given);

  const openRevocations =
    revocation &&
    (() =>
      followedRevocations({
        ...revocation,
        issuer,
        timeoutSeconds: fetchTimeoutSeconds,
        fetch: options.fetch,
        clock,
        monotonic,
        onWarning,
      }));

  const guard = buildGuard<Claims>({
    issuer,
    audience,
    algorithms,
    keys,
    openRevocations,
    clock,
    clockToleranceSeconds,
    maxCachedTokens,
  });
  if (revocation === undefined) {
    onWarning(`The guard of ${issuer} has no revocation feed: a revoked token stays good until it expires`);
  }
  return guard;
}

function givenKeys(keys: Key | Iterable<Key>, algorithms: readonly AlgorithmName[] | undefined): KeySet {
  const list = Symbol.iterator in Object(keys) ? [...(keys as Iterable<Key>)] : [keys as Key];
  const set = createKeySet(list, { algorithms });
  const [ignored] = set.ignored;
  // What a stranger publishes may be partly useless; what stands in the program may not.
  if (ignored !== undefined) throw new TypeError(`keys: ${ignored.reason}`);
  if (set.size === 0) throw new TypeError("keys must hold at least one key");
  return set;
}

/** A published secret is none, so HS* takes a key that someone put here by hand. */
function refuseSecrets(algorithms: readonly AlgorithmName[]): void {
  const secret = Array.from(algorithms).find((algorithm) => String(algorithm).startsWith("HS"));
  if (secret === undefined) return;
  throw new TypeError(`${secret} needs its key: pass keys: importSecret(bytes, { algorithm: "${secret}" })`);
}
