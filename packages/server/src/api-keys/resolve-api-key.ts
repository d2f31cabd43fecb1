import { timingSafeEqual } from "node:crypto";
import { API_KEY_CLIENT_ID } from "@ostiary/protocol";
import type { AccessTokenClaims } from "@ostiary/protocol";
import type { ClientStore } from "../clients/client-store.ts";
import { isServiceAccount } from "../clients/registration.ts";
import { toSeconds } from "../clock.ts";
import type { Clock } from "../clock.ts";
import type { UserStore } from "../users/user-store.ts";
import { isLive } from "./api-key.ts";
import type { ApiKey } from "./api-key.ts";
import { USE_NOTED_EVERY_MS } from "./api-key-store.ts";
import type { ApiKeyStore } from "./api-key-store.ts";
import { hashOfKey, keyIdIn } from "./key-text.ts";

export interface ResolveApiKeyDeps {
  readonly store: Pick<ApiKeyStore, "find" | "noteUse">;
  readonly users: Pick<UserStore, "find">;
  readonly clients: Pick<ClientStore, "find">;
  readonly clock: Clock;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** How long an answer may be relied on, in seconds: as long as an access token. */
  readonly lifetimeSeconds: number;
  readonly scopesOfRoles: Readonly<Record<string, readonly string[]>>;
}

/** Compared with where there is no key: nothing is known to hash to it. */
const NO_SECRET = { id: "", hash: new Uint8Array(32) };

/**
 * What a key says, as an access token would: of its owner, as they are now. Null for what is no key, or none any more.
 * `exp` is how long that may be relied on, with an eye on the revocation log. Throws `unavailable` if the store does not answer.
 */
export async function resolveApiKey(deps: ResolveApiKeyDeps, text: string): Promise<AccessTokenClaims | null> {
  const { store, clock, issuer, audience, lifetimeSeconds } = deps;
  const id = keyIdIn(text);
  if (id === null) return null;
  const found = await store.find(id);
  const now = clock();
  const proven = provenBy(found, text, now);
  if (found === null || proven === null || !isLive(found, now)) return null;
  const holder =
    "userId" in found.owner ? await userHolds(deps, found, found.owner) : await accountHolds(deps, found, found.owner);
  if (holder === null) return null;
  if (found.lastUsedAt === null || found.lastUsedAt <= now - USE_NOTED_EVERY_MS) await store.noteUse(id, now);
  return {
    iss: issuer,
    aud: [...new Set([...audience, issuer])],
    ...holder,
    exp: Math.min(toSeconds(now) + lifetimeSeconds, toSeconds(Math.min(found.expiresAt ?? Infinity, proven.until))),
    iat: toSeconds(now),
    jti: proven.id,
    sid: id,
  };
}

/** Which of the key's secrets this is; each is compared in constant time, also where there is none. */
function provenBy(key: ApiKey | null, text: string, now: number): { id: string; until: number } | null {
  const hash = hashOfKey(text);
  const isCurrent = timingSafeEqual(hash, (key?.secret ?? NO_SECRET).hash);
  const isPrevious = timingSafeEqual(hash, (key?.previous ?? NO_SECRET).hash);
  if (key === null) return null;
  if (isCurrent) return { id: key.secret.id, until: Infinity };
  return isPrevious && key.previous !== null && now < key.previous.until ? key.previous : null;
}

type Holder = Pick<AccessTokenClaims, "sub" | "client_id" | "ver" | "scope" | "roles">;

/** What only roles give, the user has to have still. */
async function userHolds(
  { users, scopesOfRoles }: ResolveApiKeyDeps,
  key: ApiKey,
  { userId }: { userId: string },
): Promise<Holder | null> {
  const user = await users.find(userId);
  if (user === null || user.disabledAt !== null) return null;
  const ofRoles = (roles: readonly string[]) =>
    new Set(roles.flatMap((role) => (Object.hasOwn(scopesOfRoles, role) ? (scopesOfRoles[role] ?? []) : [])));
  const [byAnyRole, byOwnRoles] = [ofRoles(Object.keys(scopesOfRoles)), ofRoles(user.roles)];
  const scopes = key.scopes.filter((scope) => !byAnyRole.has(scope) || byOwnRoles.has(scope));
  return {
    sub: userId,
    client_id: API_KEY_CLIENT_ID,
    ver: user.tokenVersion,
    scope: scopes.join(" "),
    roles: key.withRoles ? [...user.roles] : [],
  };
}

async function accountHolds(
  { clients }: ResolveApiKeyDeps,
  key: ApiKey,
  { clientId }: { clientId: string },
): Promise<Holder | null> {
  const client = await clients.find(clientId);
  const registration = client?.registration ?? null;
  if (client === null || registration === null || !isServiceAccount(registration)) return null;
  const scopes = key.scopes.filter((scope) => registration.scopes.includes(scope));
  return {
    sub: clientId,
    client_id: clientId,
    ver: client.tokenVersion,
    scope: scopes.join(" "),
    roles: key.withRoles ? [...registration.roles] : [],
  };
}
