import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";
import { isLive, ownerIds } from "./api-key.ts";
import type { ApiKey } from "./api-key.ts";
import type { RotatedApiKey } from "./api-key-store.ts";

/** What a key becomes when it is given another secret. */
export interface KeyRotation {
  readonly newHash: Uint8Array;
  /** Names the new secret. */
  readonly newSecretId: string;
  /** Names the old secret from now on: guards ask anew, and are told how long it is good. */
  readonly oldSecretId: string;
  readonly overlapSeconds: number;
  readonly at: number;
  readonly origin: Origin;
}

/**
 * The key with another secret. The old one is good for `overlapSeconds`; whatever was good besides is refused at once, by
 * every guard that has let it in before too. Throws `invalid_request` for a key that is over.
 */
export function rotatedKey(key: ApiKey, rotation: KeyRotation): RotatedApiKey {
  const { newHash, newSecretId, oldSecretId, overlapSeconds, at, origin } = rotation;
  if (!isLive(key, at)) throw new OstiaryError("invalid_request", "This key is over: make another.");
  const { userId, clientId } = ownerIds(key.owner);
  const previous = overlapSeconds === 0 ? null : { id: oldSecretId, hash: key.secret.hash, until: at + overlapSeconds * 1000 };
  const detail = { keyId: key.id, name: key.name, overlapSeconds, ...(clientId === null ? {} : { clientId }) };
  const revocations = [entryFor(key.secret.id, previous === null ? "revoked" : "stale", at)];
  if (key.previous !== null && at < key.previous.until) revocations.push(entryFor(key.previous.id, "revoked", at));
  return {
    key: { ...key, secret: { id: newSecretId, hash: newHash }, previous },
    audit: auditEvent("api_key_rotated", at, origin, { userId }, detail),
    revocations,
  };
}

function entryFor(secretId: string, effect: RevocationDraft["effect"], at: number): RevocationDraft {
  return { kind: "token", value: secretId, effect, reason: "api_key_rotated", at };
}
