import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { ClientStore } from "../clients/client-store.ts";
import { isApiScope, isScope } from "../tokens/scope-names.ts";
import { isServiceAccount } from "../clients/registration.ts";
import type { Clock } from "../clock.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import type { UserStore } from "../users/user-store.ts";
import { checkedKeyName, invalidField, ownerIds } from "./api-key.ts";
import type { ApiKey, ApiKeyOwner } from "./api-key.ts";
import type { ApiKeyStore } from "./api-key-store.ts";
import { hashOfKey, newKeyId, newKeyText } from "./key-text.ts";

const MAX_SCOPES = 100;
const MAX_DAYS = 3650;
const DAY_MS = 86_400_000;

export interface CreateApiKeyDeps {
  readonly store: ApiKeyStore;
  readonly users: Pick<UserStore, "find">;
  readonly clients: Pick<ClientStore, "find">;
  readonly clock: Clock;
  readonly random: Random;
}

export interface NewApiKey {
  /** A user, or a service account: a client that is registered for `client_credentials`. */
  readonly owner: ApiKeyOwner;
  /** For people: 1 to 100 characters. */
  readonly name: string;
  /** What it may do at APIs. Default: nothing for a user's key; all that a service account is registered with. */
  readonly scopes?: readonly string[] | undefined;
  /** Whether its owner's roles are the key's too. Default: false for a user's key, true for a service account's. */
  readonly withRoles?: boolean | undefined;
  /** Whole days, 1 to 3650. Default: it is good until somebody revokes it. */
  readonly expiresInDays?: number | undefined;
}

/** Throws `invalid_request`, with the field, for what no key can be. */
export async function createApiKey(
  deps: CreateApiKeyDeps,
  given: NewApiKey,
  origin: Origin,
): Promise<{ key: ApiKey; text: string }> {
  const { store, clock, random } = deps;
  const { owner, expiresInDays } = given;
  const name = checkedKeyName(given.name);
  if (expiresInDays !== undefined && !(Number.isInteger(expiresInDays) && expiresInDays >= 1 && expiresInDays <= MAX_DAYS)) {
    throw invalidField("expiresInDays", `must be a whole number from 1 to ${MAX_DAYS}`);
  }
  const scopes =
    "userId" in owner ? checkedScopes(given.scopes ?? []) : await scopesOfAccount(deps, owner.clientId, given.scopes);
  if ("userId" in owner && (await deps.users.find(owner.userId)) === null) throw noOwner();
  const createdAt = clock();
  const id = newKeyId(random, createdAt);
  const text = newKeyText(id, random);
  const key: ApiKey = {
    id,
    name,
    owner,
    scopes,
    withRoles: given.withRoles ?? !("userId" in owner),
    secret: { id: newSecretId(deps), hash: hashOfKey(text) },
    previous: null,
    createdAt,
    expiresAt: expiresInDays === undefined ? null : createdAt + expiresInDays * DAY_MS,
    lastUsedAt: null,
    revokedAt: null,
  };
  const { userId, clientId } = ownerIds(owner);
  const expiresAt = key.expiresAt === null ? null : new Date(key.expiresAt).toISOString();
  const detail = { keyId: id, name, scopes, withRoles: key.withRoles, expiresAt, ...(clientId === null ? {} : { clientId }) };
  if (!(await store.create(key, auditEvent("api_key_created", createdAt, origin, { userId }, detail)))) throw noOwner();
  return { key, text };
}

/** Names a secret without telling anything of it. */
export function newSecretId({ random }: { random: Random }): string {
  return randomText(random, 16);
}

/** What is about who somebody is, no key can be asked. */
function checkedScopes(scopes: readonly string[]): string[] {
  if (scopes.length > MAX_SCOPES || !scopes.every(isScope)) throw invalidField("scopes", `must be scopes, at most ${MAX_SCOPES}`);
  const aboutUser = scopes.find((scope) => !isApiScope(scope));
  if (aboutUser !== undefined) throw invalidField("scopes", `has ${aboutUser}, which is for signing people in`);
  return [...new Set(scopes)];
}

async function scopesOfAccount(
  { clients }: CreateApiKeyDeps,
  clientId: string,
  asked: readonly string[] | undefined,
): Promise<string[]> {
  const registration = (await clients.find(clientId))?.registration ?? null;
  if (registration === null || !isServiceAccount(registration)) throw noOwner();
  // A key comes without a proof, in whoever's hands it is: what the account was registered not to have.
  if (registration.dpopBoundAccessTokens) {
    throw invalidField("owner", "must not be a service account whose tokens are all bound to a key");
  }
  if (asked === undefined) return registration.scopes.filter(isApiScope);
  const scopes = checkedScopes(asked);
  const foreign = scopes.find((scope) => !registration.scopes.includes(scope));
  if (foreign !== undefined) throw invalidField("scopes", `has ${foreign}, which the service account is not registered with`);
  return scopes;
}

function noOwner() {
  return invalidField("owner", "must be a user who may sign in, or a client that is registered for client_credentials");
}
