/** Puts a guard for one issuer together: where its keys come from, what its tokens look like, who tells of revocations. */
import { createKeySet } from "@ostiary/jwt";
import { createApiKeys } from "./api-keys/api-keys.ts";
import { askServer, readKeyClaims, refuseKeys } from "./api-keys/resolve-api-keys.ts";
import type { Asking } from "./asking.ts";
import type { Possession } from "./dpop/possession.ts";
import type { Fetch } from "./fetch-json.ts";
import { askedRevocations, followedRevocations, introspectorOf } from "./followed-revocations.ts";
import { buildGuard, type GuardParts, type IssuerGuard } from "./guard.ts";
import type { AnyIdentity } from "./identity.ts";
import type { Introspector } from "./introspector.ts";
import type { IssuerDefinition } from "./issuers/trusted-issuer.ts";
import { createKeyCache } from "./key-cache.ts";
import { openKeyFile } from "./key-file.ts";
import { localKeys, type KeySource } from "./key-source.ts";
import type { ResourceMetadata } from "./protected-resource.ts";
import type { RevocationSource } from "./revocation-source.ts";
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
  readonly possession: Possession;
  readonly asking: Asking;
  readonly resourceMetadata: ResourceMetadata | undefined;
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
  const introspector = revocation && introspectorOf({ ...revocation, issuer, timeoutSeconds: fetchTimeoutSeconds, fetch: settings.fetch, monotonic });
  const guard = buildGuard<Who>({
    issuer,
    isOurs: "revocation" in definition,
    check,
    maxCachedTokens,
    // An issuer whose tokens are all signed with the secret publishes no key to wait for.
    keys: legacySecret === undefined ? keys : { ...keys, ready: () => Promise.resolve() },
    toIdentity,
    revocations,
    possession: settings.possession,
    clock,
    asking: settings.asking,
    resourceMetadata: settings.resourceMetadata,
    apiKeys: apiKeysOf(definition, settings, revocations, introspector),
  });
  return {
    ...guard,
    close() {
      guard.close();
      introspector?.close();
    },
  };
}

/** Only an Ostiary has them. */
function apiKeysOf<Who extends AnyIdentity>(
  definition: IssuerDefinition<Who>,
  settings: GuardSettings,
  revocations: RevocationSource | undefined,
  introspector: Introspector | undefined,
): GuardParts<Who>["apiKeys"] {
  if (!("revocation" in definition)) return undefined;
  const { issuer, audience } = definition;
  const { clock, monotonic, maxCachedTokens } = settings;
  if (introspector === undefined) return () => refuseKeys(issuer, settings.onWarning);
  return (read) =>
    createApiKeys({
      ask: askServer(introspector),
      read: readKeyClaims({ issuer, audience, clock, read }),
      revocations: revocations?.set,
      maxKeys: maxCachedTokens,
      clock,
      monotonic,
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
