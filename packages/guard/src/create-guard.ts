// The global of the same name is looked up anew at each use, and this clock is read for every request.
import { performance } from "node:perf_hooks";
import type { Asking } from "./asking.ts";
import { checkFunctions, checkNames, checkNumber } from "./check-options.ts";
import { openPossession, type DpopOptions } from "./dpop/dpop-options.ts";
import type { Fetch } from "./fetch-json.ts";
import type { Guard, IssuerGuard } from "./guard.ts";
import { createIssuerGuard, type GuardSettings } from "./issuer-guard.ts";
import { buildIssuersGuard, type IssuersGuard } from "./issuers-guard.ts";
import { defineOstiary, type OstiaryOptions } from "./issuers/ostiary.ts";
import { definitionOf, type IssuerDefinition, type TrustedIssuer } from "./issuers/trusted-issuer.ts";
import { audienceOf, describeResource, type ResourceOptions } from "./protected-resource.ts";

export interface CommonOptions extends ResourceOptions {
  /** How proofs of possession are judged, where tokens are bound to keys (RFC 9449). */
  readonly dpop?: DpopOptions;
  /** In seconds, 0 to 60: how far the clocks of issuer and guard may be apart. Default 0. */
  readonly clockToleranceSeconds?: number;
  /** How many verified tokens are remembered, 0 to 1,000,000; 0 verifies each token every time. Default 10,000. */
  readonly maxCachedTokens?: number;
  /** In seconds, 1 to 3,600: the least time between fetches because of unknown keys. Default 5. */
  readonly keyCooldownSeconds?: number;
  /** In seconds, 0.01 to 60: how long one fetch may take. Default 5. */
  readonly fetchTimeoutSeconds?: number;
  /** Keeps the last good keys in this folder, so that a restart while the issuer is down works. Default: nowhere. */
  readonly keyCacheFolder?: string;
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

/** One Ostiary auth server. */
export interface GuardOptions extends Omit<OstiaryOptions, "audience">, CommonOptions {
  /** The name of this API, or its names: one of them must be in the tokens' `aud`. Default: the `resource`. */
  readonly audience?: string | readonly string[];
}

/** Several issuers, of any kind. */
export interface IssuersGuardOptions extends CommonOptions {
  /** Made by `ostiary`, `auth0`, `keycloak`, `supabase` and `oidc`. A token is judged by that of its `iss`, alone. */
  readonly issuers: readonly TrustedIssuer[];
}

const COMMON_NAMES = [
  "clockToleranceSeconds",
  "maxCachedTokens",
  "keyCooldownSeconds",
  "fetchTimeoutSeconds",
  "keyCacheFolder",
  "onWarning",
  "fetch",
  "clock",
  "monotonicClock",
  "resource",
  "resourceName",
  "scopesSupported",
  "dpop",
];

/**
 * A guard for an API, by the keys that the issuer publishes. Keys are not fetched before the first token or `ready()`;
 * the revocation feed is followed from here on. Without one it cannot see revocations, and says so once, by `onWarning`.
 * Throws a TypeError when an option is missing, unknown or out of range.
 */
export function createGuard<Claims extends object = object>(options: GuardOptions): Guard<Claims>;
/** A guard that trusts several issuers. Throws a TypeError likewise, and when two have the same `iss`. */
export function createGuard(options: IssuersGuardOptions): IssuersGuard;
export function createGuard<Claims extends object>(
  options: GuardOptions | IssuersGuardOptions,
): Guard<Claims> | IssuersGuard {
  if (typeof options === "object" && options !== null && "issuers" in options) return guardIssuers(options);
  checkNames("createGuard", options, ["issuer", "audience", "algorithms", "keys", "revocation", ...COMMON_NAMES]);
  const { issuer, resource } = options;
  const settings = readSettings(options, [issuer]);
  const audience = options.audience ?? (resource === undefined ? [] : audienceOf(resource));
  const definition = defineOstiary<Claims>({ ...options, audience });
  const guard = createIssuerGuard(definition, settings);
  warnOfBlindness(definition, settings);
  return guard;
}

function guardIssuers(options: IssuersGuardOptions): IssuersGuard {
  checkNames("createGuard", options, ["issuers", ...COMMON_NAMES]);
  const definitions = readIssuers(options.issuers);
  const settings = readSettings(options, definitions.map(({ issuer }) => issuer));
  const members = new Map<string, IssuerGuard>();
  try {
    for (const definition of definitions) members.set(definition.issuer, createIssuerGuard(definition, settings));
  } catch (error) {
    for (const member of members.values()) member.close();
    throw error;
  }
  for (const definition of definitions) warnOfBlindness(definition, settings);
  const keyIssuer = issuerOfKeys(definitions);
  return buildIssuersGuard({
    members,
    keyMember: keyIssuer === undefined ? undefined : members.get(keyIssuer),
    maxRememberedTokens: settings.maxCachedTokens,
    asking: settings.asking,
    resourceMetadata: settings.resourceMetadata,
  });
}

/** The only Ostiary, or the only one that can be asked: of several, none is shown what may be another's key. */
function issuerOfKeys(definitions: readonly IssuerDefinition[]): string | undefined {
  const ostiaries = definitions.filter((definition) => "revocation" in definition);
  const able = ostiaries.filter(({ revocation }) => revocation !== undefined);
  const [only, ...others] = able.length > 0 ? able : ostiaries;
  return others.length === 0 ? only?.issuer : undefined;
}

function readIssuers(issuers: unknown): IssuerDefinition[] {
  const list: readonly TrustedIssuer[] = Array.isArray(issuers) ? (issuers as readonly TrustedIssuer[]) : [];
  const definitions = list.flatMap((trusted) => definitionOf(trusted) ?? []);
  if (list.length === 0 || definitions.length < list.length) {
    throw new TypeError("issuers must be a list of ostiary(…), auth0(…), keycloak(…), supabase(…) or oidc(…)");
  }
  const names = new Set(definitions.map(({ issuer }) => issuer));
  if (names.size < definitions.length) throw new TypeError("issuers must not name an issuer twice");
  return definitions;
}

function readSettings(options: CommonOptions, issuers: readonly string[]): GuardSettings {
  const {
    clockToleranceSeconds = 0,
    maxCachedTokens = 10_000,
    keyCooldownSeconds = 5,
    fetchTimeoutSeconds = 5,
    keyCacheFolder,
    onWarning = (message) => process.emitWarning(message, "OstiaryWarning"),
    fetch,
    clock = Date.now,
    monotonicClock = () => performance.now(),
  } = options;
  checkNumber("clockToleranceSeconds", clockToleranceSeconds, { min: 0, max: 60 });
  checkNumber("maxCachedTokens", maxCachedTokens, { min: 0, max: 1_000_000, whole: true });
  checkNumber("keyCooldownSeconds", keyCooldownSeconds, { min: 1, max: 3600 });
  checkNumber("fetchTimeoutSeconds", fetchTimeoutSeconds, { min: 0.01, max: 60 });
  if (keyCacheFolder !== undefined && (typeof keyCacheFolder !== "string" || keyCacheFolder === "")) {
    throw new TypeError("keyCacheFolder must be the path of a folder");
  }
  checkFunctions({ onWarning, clock, monotonicClock, ...(fetch === undefined ? {} : { fetch }) });
  const { resource, dpop } = options;
  const resourceMetadata = describeResource(options, { issuers, bound: dpop?.required === true });
  const origin = resource === undefined ? undefined : new URL(resource).origin;
  const possession = openPossession(dpop, { origin, clock, onWarning });
  const tellsOfDpop = dpop !== undefined || resource !== undefined;
  const asking: Asking = {
    resourceMetadata: resourceMetadata?.url,
    schemes: possession.required ? ["DPoP"] : tellsOfDpop ? ["Bearer", "DPoP"] : ["Bearer"],
  };
  return {
    clockToleranceSeconds,
    maxCachedTokens,
    keyCooldownSeconds,
    fetchTimeoutSeconds,
    keyCacheFolder,
    onWarning,
    fetch,
    clock,
    monotonic: monotonicClock,
    possession,
    asking,
    resourceMetadata,
  };
}

/** Said of an Ostiary alone: of what others revoke, nobody could tell. */
function warnOfBlindness(definition: IssuerDefinition, { onWarning }: GuardSettings): void {
  if (!("revocation" in definition) || definition.revocation !== undefined) return;
  onWarning(`The guard of ${definition.issuer} has no revocation feed: a revoked token stays good until it expires`);
}
