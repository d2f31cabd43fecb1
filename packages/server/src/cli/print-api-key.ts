import { isLive, ownerIds } from "../api-keys/api-key.ts";
import type { ApiKeyWithSecret, PublicApiKey } from "../api-keys/api-keys.ts";
import { printable } from "./printable.ts";

/** Once for all time. */
export function printNewApiKey({ key, ...apiKey }: ApiKeyWithSecret, json = false): void {
  if (json) console.log(JSON.stringify({ ...fieldsOf(apiKey), key }));
  else console.log(`id   ${apiKey.id}\nkey  ${key}\nThe key is not shown again.`);
}

/** A line of a list. */
export function printApiKey(apiKey: PublicApiKey, json = false): void {
  if (json) {
    console.log(JSON.stringify(fieldsOf(apiKey)));
    return;
  }
  const used = apiKey.lastUsedAt === null ? "never used" : `used ${dayOf(apiKey.lastUsedAt)}`;
  console.log(`${apiKey.id}  ${printable(apiKey.name)}  ${ownerInWords(apiKey)}  ${stateOf(apiKey)}  ${used}`);
}

export function printApiKeyDetails(apiKey: PublicApiKey, json = false): void {
  if (json) {
    console.log(JSON.stringify(fieldsOf(apiKey)));
    return;
  }
  const lines: [string, string][] = [
    ["id", apiKey.id],
    ["name", printable(apiKey.name)],
    ["owner", ownerInWords(apiKey)],
    ["scopes", apiKey.scopes.join(" ") || "none"],
    ["roles", apiKey.withRoles ? "its owner's" : "none"],
    ["made", dayOf(apiKey.createdAt)],
    ["state", stateOf(apiKey)],
    ["last used", apiKey.lastUsedAt === null ? "never" : new Date(apiKey.lastUsedAt).toISOString()],
  ];
  if (apiKey.previousUntil !== null) lines.push(["old secret", `good until ${new Date(apiKey.previousUntil).toISOString()}`]);
  for (const [label, text] of lines) console.log(`${label.padEnd(10)} ${text}`);
}

function fieldsOf(apiKey: PublicApiKey) {
  const { id, name, owner, scopes, withRoles, createdAt, expiresAt, lastUsedAt, previousUntil, revokedAt } = apiKey;
  return {
    id,
    name,
    ...ownerIds(owner),
    scopes,
    withRoles,
    createdAt: isoOrNull(createdAt),
    expiresAt: isoOrNull(expiresAt),
    lastUsedAt: isoOrNull(lastUsedAt),
    previousUntil: isoOrNull(previousUntil),
    revokedAt: isoOrNull(revokedAt),
  };
}

function ownerInWords({ owner }: PublicApiKey): string {
  return "userId" in owner ? `user ${owner.userId}` : `client ${owner.clientId}`;
}

function stateOf(apiKey: PublicApiKey): string {
  const { revokedAt, expiresAt } = apiKey;
  if (revokedAt !== null) return `revoked ${dayOf(revokedAt)}`;
  if (expiresAt === null) return "good until revoked";
  return isLive(apiKey, Date.now()) ? `good until ${dayOf(expiresAt)}` : `expired ${dayOf(expiresAt)}`;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
