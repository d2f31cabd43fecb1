/** Puts a guard for one issuer together: where its keys come from, what its tokens look like, who tells of revocations. */
import { createKeySet } from "@ostiary/jwt";
import type { Fetch } from "./fetch-json.ts";
import { askedRevocations, followedRevocations } from "./followed-revocations.ts";
import { buildGuard, type IssuerGuard } from "./guard.ts";
import type { AnyIdentity } from "./identity.ts";
import type { IssuerDefinition } from "./issuers/trusted-issuer.ts";
import { createKeyCache } from "./key-cache.ts";
import { openKeyFile } from "./key-file.ts";
import { localKeys, type KeySource } from "./key-source.ts";
import { createTokenCheck, type TokenKind } from "./token-check.ts";

/** What all issuers of a guard share; checked by the caller. */
export interface GuardSettings {
  readonly clockToleranceSeconds: number;
  readonly maxCachedTokens: number;
  readonly keyCooldownSeconds: number;
  readonly fetchTimeoutSeconds: number;
  readonly keyCacheFolder: string | undefined;
  readonly onWarning: (message: string) => void;
  /** The caller's own; undefined for the platform's. */
  readonly fetch: Fetch | undefined;
  readonly clock: () => number;
  readonly monotonic: () => number;
}

export function createIssuerGuard<Who extends AnyIdentity>(
  definition: IssuerDefinition<Who>,
  settings: GuardSettings,
): IssuerGuard<Who> {
  const { issuer, audience, types, algorithms, legacySecret, revocation, toIdentity } = definition;
  const { clock, monotonic, onWarning, clockToleranceSeconds, maxCachedTokens, fetchTimeoutSeconds } = settings;
  const keys = keysOf(definition, settings);
  const kinds: TokenKind[] = types.map((type) => ({ type, algorithms, keys }));
  if (legacySecret !== undefined) {
    const secret = createKeySet([legacySecret]);
    for (const type of types) kinds.push({ type, algorithms: [legacySecret.algorithm], keys: localKeys(() => secret) });
  }
  const [first, ...others] = kinds;
  if (first === undefined) throw new TypeError("types must name at least one type");
  const check = createTokenCheck([first, ...others], { issuer, audience, clock, clockToleranceSeconds, maxCachedTokens });

  // The last step: from here on something is running that has to be closed.
  const revocations =
    revocation &&
    (revocation.feed ? followedRevocations : askedRevocations)({
      ...revocation,
      issuer,
      timeoutSeconds: fetchTimeoutSeconds,
      fetch: settings.fetch,
      clock,
      monotonic,
      onWarning,
    });
  return buildGuard<Who>({
    issuer,
    check,
    // An issuer whose tokens are all signed with the secret publishes no key to wait for.
    keys: legacySecret === undefined ? keys : { ...keys, ready: () => Promise.resolve() },
    toIdentity,
    revocations,
  });
}

function keysOf({ issuer, algorithms, keys, jwksUri, metadataUrls }: IssuerDefinition, settings: GuardSettings): KeySource {
  if (keys !== undefined) return localKeys(() => keys);
  const { keyCacheFolder, onWarning } = settings;
  return createKeyCache({
    issuer,
    algorithms,
    jwksUri,
    metadataUrls,
    keyFile: keyCacheFolder === undefined ? undefined : openKeyFile(keyCacheFolder, issuer, onWarning),
    cooldownSeconds: settings.keyCooldownSeconds,
    fetchTimeoutSeconds: settings.fetchTimeoutSeconds,
    fetch: settings.fetch ?? globalThis.fetch,
    clock: settings.clock,
    onWarning,
  });
}
