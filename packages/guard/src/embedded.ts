/**
 * A guard inside the auth server's own process: the server's keys and revocations as they are, with no HTTP between.
 * Meant for the server itself and for those who build another; an API takes `createGuard`.
 */
import { performance } from "node:perf_hooks";
import type { AlgorithmName, KeySet } from "@ostiary/jwt";
import { ACCESS_TOKEN_TYPE } from "@ostiary/protocol";
import { createApiKeys, type AskForKey } from "./api-keys/api-keys.ts";
import { readKeyClaims } from "./api-keys/resolve-api-keys.ts";
import { PLAINLY } from "./asking.ts";
import { checkAudience } from "./check-options.ts";
import type { DpopNonces } from "./dpop/dpop-nonce.ts";
import { PROOF_MAX_AGE_SECONDS } from "./dpop/dpop-proof.ts";
import { createPossession } from "./dpop/possession.ts";
import { createReplayMemory, type ReplayStore } from "./dpop/replay-memory.ts";
import { buildGuard, type Guard } from "./guard.ts";
import { toIdentity, type Identity } from "./identity.ts";
import { localKeys } from "./key-source.ts";
import type { RevocationSet } from "./revocation-set.ts";
import { heldRevocations, type HeldFreshness } from "./revocation-source.ts";
import { createTokenCheck } from "./token-check.ts";

export { isLoopback } from "./address.ts";
export { GuardError } from "./guard-error.ts";
export { createDpopNonces } from "./dpop/dpop-nonce.ts";
export type { DpopNonces, DpopNoncesOptions } from "./dpop/dpop-nonce.ts";
export { accessTokenHash, DPOP_ALGORITHMS, DpopProofError, readDpopHeader, verifyDpopProof } from "./dpop/dpop-proof.ts";
export type { AskForKey } from "./api-keys/api-keys.ts";
export type { DpopProof, ExpectedProof } from "./dpop/dpop-proof.ts";
export { createReplayMemory, redisReplays, replayEntry } from "./dpop/replay-memory.ts";
export type { RedisLike, RedisReplaysOptions, ReplayMemoryOptions, ReplayStore } from "./dpop/replay-memory.ts";
export { createRevocationSet } from "./revocation-set.ts";
export type { RevocationSet, RevocationSetOptions, RevocationSubject } from "./revocation-set.ts";
export type { HeldFreshness } from "./revocation-source.ts";

export interface EmbeddedGuardOptions {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly algorithms: readonly AlgorithmName[];
  /** Asked on every use; a key that is gone takes the tokens it signed with it, cached or not. */
  readonly keys: () => KeySet;
  /** Consulted on every use. The owner applies entries to it. */
  readonly revocations: RevocationSet;
  /** For `status()` alone: the owner knows best how old its set is, and goes on with it while its store is down. */
  readonly freshness?: () => HeldFreshness;
  /** In seconds, 0 to 60. Default 0. */
  readonly clockToleranceSeconds?: number;
  /** How many verified tokens are remembered; 0 verifies each token every time. Default 10,000. */
  readonly maxCachedTokens?: number;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly clock?: () => number;
  /** The URL whose origin DPoP proofs have to be for. Default: unknown; proofs are taken on loopback addresses alone. */
  readonly resource?: string;
  readonly dpop?: EmbeddedDpopOptions;
  /** What an API key stands for; null for what is no key. Default: there are no keys. */
  readonly resolveApiKey?: AskForKey;
  /** Milliseconds since any moment, of a clock that is never set. Default: `performance.now`. */
  readonly monotonicClock?: () => number;
}

export interface EmbeddedDpopOptions {
  /** Default: the memory of this guard. */
  readonly replays?: ReplayStore;
  /** Looked at in each proof that has one. Default: nonces are not looked at. */
  readonly nonces?: DpopNonces;
  /** Whether every proof has to have one, where there are nonces. Default true. */
  readonly noncesRequired?: boolean;
  /** In seconds. Default 60. */
  readonly maxAgeSeconds?: number;
  /** For introspection, where nobody acts by the token: those that are bound to a key pass by `verify`. Default false. */
  readonly acceptsUnproven?: boolean;
}

/** The same guard as `createGuard` gives, fed by its own process. Throws a TypeError for a missing audience. */
export function createEmbeddedGuard<Claims extends object = object>(options: EmbeddedGuardOptions): Guard<Claims> {
  checkAudience(options.audience);
  const { issuer, audience, algorithms, clock = Date.now, clockToleranceSeconds = 0, maxCachedTokens = 10_000 } = options;
  const { resource, resolveApiKey, monotonicClock = () => performance.now() } = options;
  const { replays = createReplayMemory({ clock }), nonces, noncesRequired = true, acceptsUnproven = false } = options.dpop ?? {};
  const keys = localKeys(options.keys);
  const kind = { type: ACCESS_TOKEN_TYPE, algorithms, keys };
  return buildGuard<Identity<Claims>>({
    issuer,
    isOurs: true,
    check: createTokenCheck([kind], { issuer, audience, clock, clockToleranceSeconds, maxCachedTokens }),
    maxCachedTokens,
    keys,
    toIdentity: (claims) => toIdentity<Claims>(claims),
    revocations: heldRevocations(options.revocations, options.freshness),
    possession: createPossession({
      origin: resource === undefined ? undefined : new URL(resource).origin,
      required: false,
      replays,
      nonces,
      noncesRequired,
      maxAgeSeconds: options.dpop?.maxAgeSeconds ?? PROOF_MAX_AGE_SECONDS,
      clock,
      onWarning: (message) => process.emitWarning(message, "OstiaryWarning"),
    }),
    clock,
    asking: PLAINLY,
    resourceMetadata: undefined,
    apiKeys:
      resolveApiKey &&
      ((read) =>
        createApiKeys({
          ask: resolveApiKey,
          read: readKeyClaims({ issuer, audience, clock, read }),
          revocations: options.revocations,
          maxKeys: maxCachedTokens,
          clock,
          monotonic: monotonicClock,
        })),
    acceptsUnproven,
  });
}
