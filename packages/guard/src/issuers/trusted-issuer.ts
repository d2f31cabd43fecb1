/**
 * What a guard has to know of an issuer: whose tokens, where its keys are, how its claims read. One file beside this for
 * each kind of issuer; none of them fetches or verifies anything.
 */
import { createKeySet, type AlgorithmName, type JwtClaims, type Key, type KeySet } from "@ostiary/jwt";
import { checkAudience } from "../check-options.ts";
import type { RevocationOptions } from "../followed-revocations.ts";
import type { AnyIdentity } from "../identity.ts";

/** An issuer whose tokens a guard accepts; made by `ostiary`, `auth0`, `keycloak`, `supabase` or `oidc`. */
export interface TrustedIssuer {
  /** Exactly as in the tokens' `iss`. */
  readonly issuer: string;
}

export interface IssuerDefinition<Who extends AnyIdentity = AnyIdentity> extends TrustedIssuer {
  readonly audience: string | readonly string[];
  /** The `typ` headers of its access tokens. */
  readonly types: readonly string[];
  readonly algorithms: readonly AlgorithmName[];
  /** Keys that were given, instead of those it publishes. */
  readonly keys: KeySet | undefined;
  /** A secret that is good beside the keys it publishes. */
  readonly legacySecret?: Key | undefined;
  /** Where it publishes its keys, if that need not be asked. */
  readonly jwksUri?: string | undefined;
  /** Where it may describe itself; the first that answers. */
  readonly metadataUrls: readonly string[];
  /** Only an issuer that has a feed has this member; undefined when it is not to be followed. */
  readonly revocation?: Required<RevocationOptions> | undefined;
  /** Throws a `GuardError` for claims that this issuer's access tokens do not have. */
  readonly toIdentity: (claims: Readonly<JwtClaims>) => Who;
}

/** What may be said of every issuer. */
export interface IssuerOptions {
  /** The name of this API: one of them must be in the tokens' `aud`. */
  readonly audience: string | readonly string[];
  /** What tokens may be signed with. Default: what this issuer uses, or the algorithms of the given `keys`. */
  readonly algorithms?: readonly AlgorithmName[];
  /** One key, several, or a `KeySet`, instead of those the issuer publishes: nothing is fetched. */
  readonly keys?: Key | Iterable<Key>;
}

// The first RSA algorithm is what a published RSA key without `alg` is taken for.
const ASYMMETRIC: readonly AlgorithmName[] = [
  ...(["ES256", "ES384", "ES512", "Ed25519"] as const),
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
];

const definitions = new WeakMap<TrustedIssuer, IssuerDefinition>();

/** Hands out a name for a definition: what it holds was checked, cannot be changed, and is not shown to anyone. */
export function trust(definition: IssuerDefinition): TrustedIssuer {
  const trusted: TrustedIssuer = Object.freeze({ issuer: definition.issuer });
  definitions.set(trusted, definition);
  return trusted;
}

export function definitionOf(trusted: TrustedIssuer): IssuerDefinition | undefined {
  return definitions.get(trusted);
}

/** Checks and completes what may be said of every issuer. Throws a TypeError. */
export function readOptions({ audience, algorithms, keys }: IssuerOptions, usual: readonly AlgorithmName[] = ASYMMETRIC) {
  checkAudience(audience);
  const given = keys === undefined ? undefined : givenKeys(keys, algorithms);
  const allowed = algorithms ?? (given === undefined ? usual : Array.from(given, (key) => key.algorithm));
  if (given === undefined) refuseSecrets(allowed);
  return { audience, keys: given, algorithms: allowed };
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
