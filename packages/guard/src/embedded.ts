/**
 * A guard inside the auth server's own process: the server's keys and revocations as they are, with no HTTP between.
 * Meant for the server itself and for those who build another; an API takes `createGuard`.
 */
import type { AlgorithmName, KeySet } from "@ostiary/jwt";
import { ACCESS_TOKEN_TYPE } from "@ostiary/protocol";
import { checkAudience } from "./check-options.ts";
import { buildGuard, type Guard } from "./guard.ts";
import { toIdentity, type Identity } from "./identity.ts";
import { localKeys } from "./key-source.ts";
import type { RevocationSet } from "./revocation-set.ts";
import { heldRevocations, type HeldFreshness } from "./revocation-source.ts";
import { createTokenCheck } from "./token-check.ts";

export { isLoopback } from "./address.ts";
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
}

/** The same guard as `createGuard` gives, fed by its own process. Throws a TypeError for a missing audience. */
export function createEmbeddedGuard<Claims extends object = object>(options: EmbeddedGuardOptions): Guard<Claims> {
  checkAudience(options.audience);
  const { issuer, audience, algorithms, clock = Date.now, clockToleranceSeconds = 0, maxCachedTokens = 10_000 } = options;
  const keys = localKeys(options.keys);
  const kind = { type: ACCESS_TOKEN_TYPE, algorithms, keys };
  return buildGuard<Identity<Claims>>({
    issuer,
    check: createTokenCheck([kind], { issuer, audience, clock, clockToleranceSeconds, maxCachedTokens }),
    keys,
    toIdentity: (claims) => toIdentity<Claims>(claims),
    revocations: heldRevocations(options.revocations, options.freshness),
  });
}
