/**
 * Sets of keys, and reading them from JWK Set documents (RFC 7517 §5).
 *
 * A document comes from somewhere else, so it may only ever yield public keys, and one bad member spoils nothing but
 * itself. Fetching documents, and trusting who serves them, is not done here.
 */
import {
  type Algorithm, type AlgorithmName, type AlgorithmSpec, findAlgorithm, requireAlgorithms,
} from "./algorithms.ts";
import { JwtError, keyInvalid } from "./errors.ts";
import { importKey, isPrivateJwk } from "./jwk.ts";
import { type Key, requireKey, sameKey } from "./key.ts";
import { checkOptions } from "./options.ts";

/** A member that was left out of a set, and why. */
export interface IgnoredKey {
  /** Its place in the document or list. */
  readonly index: number;
  readonly kid?: string;
  /** A sentence for people. */
  readonly reason: string;
}

export interface KeySetOptions {
  /**
   * Members for other algorithms are left out. The first RSA algorithm in it is what an RSA member without `alg` is taken
   * for. Default: all, and RS256.
   */
  algorithms?: readonly AlgorithmName[] | undefined;
}

let construct: (keys: readonly Key[], ignored: readonly IgnoredKey[]) => KeySet;
let selectFrom: (set: KeySet, spec: AlgorithmSpec, keyId: string | undefined) => Key | undefined;
let isSet: (value: object) => boolean;

/** An immutable set of keys with different `kid`s. Made by `createKeySet`; iterate it, or find one with `get`. */
export class KeySet {
  readonly #keys: readonly Key[];
  readonly #byId: ReadonlyMap<string, Key>;
  /** The key of each algorithm that has exactly one, for tokens without `kid`. */
  readonly #only: ReadonlyMap<Algorithm, Key | undefined>;
  readonly ignored: readonly IgnoredKey[];

  private constructor(keys: readonly Key[], ignored: readonly IgnoredKey[]) {
    const only = new Map<Algorithm, Key | undefined>();
    for (const key of keys) only.set(key.algorithm, only.has(key.algorithm) ? undefined : key);
    this.#keys = keys;
    this.#byId = new Map(keys.flatMap((key) => (key.keyId === undefined ? [] : [[key.keyId, key]])));
    this.#only = only;
    this.ignored = Object.freeze(ignored.map((member) => Object.freeze(member)));
    Object.freeze(this);
  }

  static {
    construct = (keys, ignored) => new KeySet(keys, ignored);
    selectFrom = (set, spec, keyId) => (keyId === undefined ? set.#only.get(spec.name) : set.#byId.get(keyId));
    isSet = (value) => #keys in value;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The key with exactly this `kid`. */
  get(keyId: string): Key | undefined {
    return this.#byId.get(keyId);
  }

  [Symbol.iterator](): IterableIterator<Key> {
    return this.#keys.values();
  }
}

export function isKeySet(value: unknown): value is KeySet {
  return typeof value === "object" && value !== null && isSet(value);
}

/** The key a token names: by its `kid`, or, if it has none, the only key of its algorithm. */
export function selectKey(set: KeySet, spec: AlgorithmSpec, keyId: string | undefined): Key | undefined {
  return selectFrom(set, spec, keyId);
}

/**
 * Makes a set of a JWK Set document that was parsed from JSON, or of keys.
 *
 * From a document, private and symmetric members are left out, always. From both, different keys of one
 * `kid`, and second algorithms of one key, are left out. `ignored` lists what was.
 * @throws JwtError `key_invalid` if the document is not a JWK Set.
 * @throws TypeError if the list holds anything but keys, or secrets beside public keys.
 */
export function createKeySet(source: object | readonly Key[], options: KeySetOptions = {}): KeySet {
  checkOptions("createKeySet", options, ["algorithms"]);
  const allowed = options.algorithms === undefined ? undefined : requireAlgorithms(options.algorithms);
  const members = Array.isArray(source) ? (source as unknown[]) : readDocument(source);
  const read = Array.isArray(source) ? readKey : (member: unknown) => readMember(member, allowed);
  const found: Member[] = [];
  const ignored: IgnoredKey[] = [];
  members.forEach((member, index) => {
    try {
      const key = read(member);
      if (allowed && !allowed.has(key.algorithm)) throw keyInvalid(`The key is for ${key.algorithm}, which is not allowed.`);
      found.push({ key, index });
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      ignored.push({ index, ...kidOf(member), reason: error.message });
    }
  });
  const keys = leaveOutAmbiguous(found, ignored);
  if (keys.some((key) => key.type === "secret") && keys.some((key) => key.type !== "secret")) {
    throw new TypeError("Secrets and public keys do not go into one set: make a set, and a verifier, of each.");
  }
  return construct(keys, ignored.toSorted((a, b) => a.index - b.index));
}

interface Member {
  readonly key: Key;
  readonly index: number;
}

/**
 * The keys that a token can name without doubt. Of the same key twice, the first; of different keys under one `kid`,
 * none: whoever chose between them would be guessing. A key under two algorithms stays with its first.
 */
function leaveOutAmbiguous(members: readonly Member[], ignored: IgnoredKey[]): Key[] {
  const firstById = new Map<string | undefined, Key>();
  const ambiguous = new Set<string | undefined>();
  const algorithmOf = new Map<string, Algorithm>();
  for (const { key } of members) {
    const { keyId, identity } = requireKey(key, "key");
    const first = firstById.get(keyId) ?? key;
    firstById.set(keyId, first);
    if (keyId !== undefined && !sameKey(first, key)) ambiguous.add(keyId);
    algorithmOf.set(identity, algorithmOf.get(identity) ?? key.algorithm);
  }
  const reasonAgainst = (key: Key): string | undefined => {
    const { keyId, identity } = requireKey(key, "key");
    const algorithm = algorithmOf.get(identity);
    if (ambiguous.has(keyId)) return "Different keys have this kid.";
    if (algorithm !== key.algorithm) return `The same key is there for ${algorithm}; a key has one algorithm.`;
    return keyId !== undefined && firstById.get(keyId) !== key ? "The same key is there already." : undefined;
  };
  return members.flatMap(({ key, index }) => {
    const reason = reasonAgainst(key);
    if (reason === undefined) return [key];
    ignored.push({ index, ...kidOf(key), reason });
    return [];
  });
}

function readDocument(document: unknown): unknown[] {
  const isObject = typeof document === "object" && document !== null;
  const keys: unknown = isObject && Object.hasOwn(document, "keys") ? (document as { keys: unknown }).keys : undefined;
  if (!Array.isArray(keys)) throw keyInvalid("The document is not a JWK Set: an object with a list named keys.");
  return keys;
}

function readKey(member: unknown): Key {
  requireKey(member, "Each member of the list");
  return member as Key;
}

function readMember(member: unknown, allowed: ReadonlySet<Algorithm> | undefined): Key {
  if (typeof member !== "object" || member === null) throw keyInvalid("A JWK is a JSON object.");
  if (isPrivateJwk(member) || (member as { kty?: unknown }).kty === "oct") {
    throw keyInvalid("A private or symmetric key has no place in a published set.");
  }
  const { kty, alg } = member as { kty?: unknown; alg?: unknown };
  if (kty !== "RSA" || alg !== undefined) return importKey(member);
  const algorithm = allowed ? [...allowed].find((name) => findAlgorithm(name)?.kty === "RSA") : "RS256";
  return importKey(member, { algorithm });
}

function kidOf(member: unknown): { kid?: string } {
  if (typeof member !== "object" || member === null) return {};
  const { kid, keyId } = member as { kid?: unknown; keyId?: unknown };
  const found = kid ?? keyId;
  return typeof found === "string" ? { kid: found.slice(0, 256) } : {};
}
