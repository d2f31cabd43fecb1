import { createKeySet, generateKey, importKey } from "@ostiary/jwt";
import type { Algorithm, Jwk, Key, KeySet } from "@ostiary/jwt";
import type { Clock } from "../clock.ts";
import { StartError } from "../errors.ts";
import type { KeyPurpose, KeyStore, StoredKey } from "./key-store.ts";
import type { SecretBox } from "./secret-box.ts";

/** The keys of an auth server, opened. */
export interface Keyring {
  /** Signs access tokens. */
  readonly accessKey: Key;
  /** Verifies access tokens: the signing key and those of its kind that are retiring. */
  readonly accessKeys: KeySet;
  /** Signs refresh tokens. */
  readonly refreshKey: Key;
  readonly refreshKeyId: string;
  readonly refreshKeys: KeySet;
  /** Makes CSRF tokens and what browser cookies carry besides refresh tokens. */
  readonly browserSecret: Uint8Array;
  /** What the JWKS endpoint publishes (RFC 7517 §5): public keys only, none where access tokens are signed with HS*. */
  jwks(): { keys: Jwk[] };
}

/** A generated key with its private part, before it is sealed. */
interface OpenKey {
  readonly stored: StoredKey;
  readonly key: Key;
}

/**
 * Opens the ring, making the keys that are not there yet.
 * Throws a StartError if the keys were sealed under another secret.
 */
export async function openKeyring(options: {
  store: KeyStore;
  secretBox: SecretBox;
  algorithm: Algorithm;
  clock: Clock;
}): Promise<Keyring> {
  const { store, secretBox } = options;
  const now = options.clock();
  const wanted: [KeyPurpose, Algorithm][] = [
    ["access", options.algorithm],
    ["refresh", "HS256"],
    ["browser", "HS256"],
  ];
  const known = await store.list();
  for (const [purpose, algorithm] of wanted) {
    const isThere = known.some((k) => k.purpose === purpose && k.algorithm === algorithm && k.state === "active");
    if (!isThere) await store.ensureActive(makeKey(purpose, algorithm, secretBox, now));
  }

  const keys = (await store.list()).map((stored) => ({ stored, key: openKey(stored, secretBox) }));
  const access = ofPurpose(keys, "access");
  // Where the algorithm went from a secret to a key pair or back, one set cannot hold both (RFC 8725 §3.1): access
  // tokens of before are refused, and refreshed.
  const isSecret = active(access).key.type === "secret";
  const verifying = access.filter(({ key }) => (key.type === "secret") === isSecret);
  const refresh = ofPurpose(keys, "refresh");
  return {
    accessKey: active(access).key,
    accessKeys: createKeySet(verifying.map(({ key }) => key)),
    refreshKey: active(refresh).key,
    refreshKeyId: active(refresh).stored.id,
    refreshKeys: createKeySet(refresh.map(({ key }) => key)),
    browserSecret: secretBytes(active(ofPurpose(keys, "browser")).key),
    jwks: () => ({
      keys: access.filter(({ key }) => key.type !== "secret").map(({ key }) => key.publicJwk()),
    }),
  };
}

function makeKey(purpose: KeyPurpose, algorithm: Algorithm, secretBox: SecretBox, now: number): StoredKey {
  const key = generateKey(algorithm);
  const plaintext = new TextEncoder().encode(JSON.stringify(key.privateJwk()));
  const id = keyId(key);
  return { id, purpose, algorithm, state: "active", sealed: secretBox.seal(plaintext, context(purpose, id)), createdAt: now };
}

function openKey(stored: StoredKey, secretBox: SecretBox): Key {
  const plaintext = secretBox.open(stored.sealed, context(stored.purpose, stored.id));
  if (plaintext === null) {
    throw new StartError(
      "The signing keys in this database were encrypted under another secret: start with the OSTIARY_SECRET they were made with.",
    );
  }
  return importKey(JSON.parse(new TextDecoder().decode(plaintext)) as Jwk);
}

function ofPurpose(keys: OpenKey[], purpose: KeyPurpose): OpenKey[] {
  return keys.filter(({ stored }) => stored.purpose === purpose);
}

function active(keys: OpenKey[]): OpenKey {
  const key = keys.find(({ stored }) => stored.state === "active");
  if (key === undefined) throw new Error("A key ring without an active key.");
  return key;
}

function keyId(key: Key): string {
  if (key.keyId === undefined) throw new Error("A generated key without a key id.");
  return key.keyId;
}

function secretBytes(key: Key): Uint8Array {
  return new Uint8Array(Buffer.from(String(key.privateJwk()["k"]), "base64url"));
}

function context(purpose: KeyPurpose, id: string): string {
  return `${purpose}:${id}`;
}
