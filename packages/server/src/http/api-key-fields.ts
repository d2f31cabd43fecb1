/** The bodies of the administrators' API about API keys. Times in ISO 8601, durations as their names say. */
import { z } from "zod";
import type { ApiKeyOwner } from "../api-keys/api-key.ts";
import { invalidField, ownerIds } from "../api-keys/api-key.ts";
import type { PublicApiKey } from "../api-keys/api-keys.ts";
import { iso } from "./admin-fields.ts";
import { pageQuery } from "./query.ts";

const time = z.iso.datetime();
const ownerFields = {
  userId: z.string("must be the id of a user").max(255, "is none").optional(),
  clientId: z.string("must be the id of a service account").max(255, "is none").optional(),
};

export const createApiKeyRequest = z.strictObject({
  ...ownerFields,
  name: z.string("is required").max(100, "must have at most 100 characters"),
  scopes: z.array(z.string("must be scopes"), "must be a list of scopes").max(100, "must be at most 100").optional().meta({
    description: "What it may do at APIs. Default: nothing for a user's key; all that a service account is registered with.",
  }),
  withRoles: z.boolean("must be true or false").optional().meta({
    description: "Whether its owner's roles are the key's too. Default: false for a user's key, true for a service account's.",
  }),
  expiresInDays: z.int("must be a whole number").min(1, "must be at least 1").max(3650, "must be at most 3650").optional(),
});
export const rotateApiKeyRequest = z.strictObject({
  overlapSeconds: z
    .int("must be a whole number")
    .min(0, "must not be negative")
    .max(2_592_000, "must be at most 2592000")
    .default(0)
    .meta({
      description: "How long the old secret stays good. With 0 every guard refuses it at once.",
    }),
});
export const listApiKeysQuery = z.strictObject({ ...ownerFields, ...pageQuery });

const adminApiKey = z.object({
  id: z.string(),
  name: z.string(),
  userId: z.string().nullable(),
  clientId: z.string().nullable(),
  scopes: z.array(z.string()),
  withRoles: z.boolean(),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time
    .nullable()
    .meta({ description: "When a guard last asked about it: they do once in the lifetime of an access token." }),
  previousUntil: time
    .nullable()
    .meta({ description: "Until when the secret before the last rotation is good; null if it is not." }),
  revokedAt: time.nullable(),
});
export const adminApiKeyResponse = z.object({ apiKey: adminApiKey });
export const adminApiKeysResponse = z.object({
  apiKeys: z.array(adminApiKey),
  next: z.string().nullable().meta({ description: "For the next page, as `after`; null if there is none." }),
});
export const apiKeySecretResponse = z.object({ apiKey: adminApiKey, key: z.string().meta({ description: "Told this once." }) });

/** Whom it is about, in exactly one way; null for nobody. Throws `invalid_request` for both. */
export function ownerIn({
  userId,
  clientId,
}: {
  userId?: string | undefined;
  clientId?: string | undefined;
}): ApiKeyOwner | null {
  if (userId !== undefined && clientId !== undefined) throw invalidField("clientId", "goes without userId: a key has one owner");
  if (userId !== undefined) return { userId };
  return clientId === undefined ? null : { clientId };
}

export function toAdminApiKey(key: PublicApiKey): z.output<typeof adminApiKey> {
  const { id, name, owner, scopes, withRoles, createdAt, expiresAt, lastUsedAt, previousUntil, revokedAt } = key;
  return {
    id,
    name,
    ...ownerIds(owner),
    scopes: [...scopes],
    withRoles,
    createdAt: iso(createdAt),
    expiresAt: isoOrNull(expiresAt),
    lastUsedAt: isoOrNull(lastUsedAt),
    previousUntil: isoOrNull(previousUntil),
    revokedAt: isoOrNull(revokedAt),
  };
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}
