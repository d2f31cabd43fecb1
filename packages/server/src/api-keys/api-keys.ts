/**
 * What people and programs may do with API keys: make, find, list, give another secret, revoke. What a key is stands in
 * `api-key`, what guards are told of one in `resolve-api-key`.
 */
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import { invalidField, ownerIds } from "./api-key.ts";
import type { ApiKey, ApiKeyOwner } from "./api-key.ts";
import { createApiKey, newSecretId } from "./create-api-key.ts";
import type { CreateApiKeyDeps, NewApiKey } from "./create-api-key.ts";
import { hashOfKey, newKeyText } from "./key-text.ts";
import { rotatedKey } from "./rotate-api-key.ts";

const MAX_OVERLAP_SECONDS = 30 * 86_400;

/** A key as the application sees it: without the hashes of its secrets. Times in milliseconds. */
export interface PublicApiKey extends Omit<ApiKey, "secret" | "previous"> {
  /** Until when the secret before the last rotation is good; null if it is not. */
  readonly previousUntil: number | null;
}

/** A key with its secret, which cannot be asked for again. */
export interface ApiKeyWithSecret extends PublicApiKey {
  /** What its holder sends: `Authorization: Bearer ostk_…`. */
  readonly key: string;
}

/** API keys, for the application that embeds the server, and for the CLI. */
export interface ApiKeys {
  /**
   * The key is told this once. Throws `invalid_request` for an owner that is none, a name that cannot be shown, scopes that
   * its owner may not give.
   */
  create(key: NewApiKey): Promise<ApiKeyWithSecret>;
  /** By its id, which is no secret. Also one that is over, until a month after. */
  find(id: string): Promise<PublicApiKey | null>;
  /** In the order they were made. `after` is the id of the last key of the page before; `limit` 1 to 1,000, by default 100. */
  list(query?: { owner?: ApiKeyOwner | undefined; after?: string | undefined; limit?: number }): Promise<PublicApiKey[]>;
  /**
   * Gives the key another secret, told this once. The old one is good for `overlapSeconds`, by default 0: then every guard
   * refuses it at once. Null if there is no such key. Throws `invalid_request` for one that is over.
   */
  rotate(id: string, options?: { overlapSeconds?: number | undefined }): Promise<ApiKeyWithSecret | null>;
  /** Every guard refuses the key at once. Revoking it again changes nothing. Null if there is no such key. */
  revoke(id: string): Promise<PublicApiKey | null>;
}

export interface ApiKeysDeps extends CreateApiKeyDeps {
  readonly revocations: RevocationPublisher;
}

/** `origin` is who does it, for the audit. */
export function createApiKeys(deps: ApiKeysDeps, origin: Origin = LOCAL_ORIGIN): ApiKeys {
  const { store, revocations, clock, random } = deps;
  const shown = (key: ApiKey) => withoutSecrets(key, clock());
  return {
    async create(newKey) {
      const { key, text } = await createApiKey(deps, newKey, origin);
      return { ...shown(key), key: text };
    },
    async find(id) {
      const key = await store.find(id);
      return key && shown(key);
    },
    list: async ({ owner, after, limit = 100 } = {}) =>
      (await store.list({ owner, after, limit: Math.min(Math.max(limit, 1), 1000) })).map(shown),
    async rotate(id, { overlapSeconds = 0 } = {}) {
      if (!(Number.isInteger(overlapSeconds) && overlapSeconds >= 0 && overlapSeconds <= MAX_OVERLAP_SECONDS)) {
        throw invalidField("overlapSeconds", `must be a whole number from 0 to ${MAX_OVERLAP_SECONDS}`);
      }
      const text = newKeyText(id, random);
      const secrets = { newHash: hashOfKey(text), newSecretId: newSecretId(deps), oldSecretId: newSecretId(deps) };
      const rotated = await store.rotate(id, (key) => rotatedKey(key, { ...secrets, overlapSeconds, at: clock(), origin }));
      if (rotated === null) return null;
      for (const entry of rotated.entries) revocations.publish(entry);
      return { ...shown(rotated.key), key: text };
    },
    async revoke(id) {
      const at = clock();
      const revoked = await store.revoke(id, {
        at,
        revocation: { kind: "session", value: id, effect: "revoked", reason: "api_key_revoked", at },
        audit(key) {
          const { userId, clientId } = ownerIds(key.owner);
          return auditEvent(
            "api_key_revoked",
            at,
            origin,
            { userId },
            { keyId: id, name: key.name, ...(clientId === null ? {} : { clientId }) },
          );
        },
      });
      if (revoked?.entry) revocations.publish(revoked.entry);
      return revoked && shown(revoked.key);
    },
  };
}

function withoutSecrets({ secret: _, previous, ...rest }: ApiKey, now: number): PublicApiKey {
  return { ...rest, previousUntil: previous !== null && now < previous.until ? previous.until : null };
}
