import type { Key } from "@ostiary/jwt";
import { OstiaryError } from "../errors.ts";
import type { RingDeps } from "./change-ring.ts";
import type { KeyRing } from "./key-store.ts";

/** Throws `invalid_request` unless the key can sign access tokens in this ring. How strong it is has been checked before. */
export function checkImport({ safe, policy }: RingDeps, ring: KeyRing, key: Key): void {
  const refuse = (why: string): OstiaryError =>
    new OstiaryError("invalid_request", why, { reason: "invalid_field", field: "key" });
  if (policy.accessSecret !== null) throw comesFromSettings("access");
  if (key.type === "public") throw refuse("This is a public key: import the private one.");
  if (key.keyId === undefined) throw refuse("A secret needs a key id.");
  if (key.algorithm !== policy.signingAlgorithm) {
    throw refuse(
      `The key is for ${key.algorithm}, and tokens are signed with ${policy.signingAlgorithm}: ` +
        `set OSTIARY_SIGNING_ALGORITHM=${key.algorithm}, restart the server, and import it then.`,
    );
  }
  if (ring.keys.some(({ id }) => id === key.keyId)) throw refuse(`There is, or was, a key ${key.keyId} already.`);
  const isThere = ring.keys.some((stored) => stored.state !== "gone" && isSameMaterial(safe.open(ring, stored), key));
  if (isThere) throw refuse("The same key is in the ring already, under another id.");
}

function isSameMaterial(a: Key, b: Key): boolean {
  const members = ({ x, y, n, k }: ReturnType<Key["privateJwk"]>): string => JSON.stringify([x, y, n, k]);
  return a.type === b.type && members(a.privateJwk()) === members(b.privateJwk());
}

export function comesFromSettings(purpose: "access" | "refresh"): OstiaryError {
  return new OstiaryError(
    "invalid_request",
    `The ${purpose} secret comes from the settings: change it there and restart the server.`,
  );
}
