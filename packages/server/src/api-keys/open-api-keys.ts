import { GuardError } from "@ostiary/guard/embedded";
import type { AskForKey } from "@ostiary/guard/embedded";
import type { AccessTokenClaims } from "@ostiary/protocol";
import type { Origin } from "../audit/audit-event.ts";
import type { ClientStore } from "../clients/client-store.ts";
import type { Settings } from "../config-schema.ts";
import { OstiaryError } from "../errors.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { UserStore } from "../users/user-store.ts";
import { createApiKeys } from "./api-keys.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { ApiKeyStore } from "./api-key-store.ts";
import { resolveApiKey } from "./resolve-api-key.ts";

export interface OpenApiKeys {
  /** For somebody: what they do is audited as theirs. */
  as(origin?: Origin): ApiKeys;
  /** What a key says now. Null for what is no key, or none any more. Throws `unavailable` if the store does not answer. */
  resolve(key: string): Promise<AccessTokenClaims | null>;
  /** The same for a guard in this process. Throws a `GuardError`. */
  readonly resolveForGuard: AskForKey;
}

/** The keys that are kept in `store`, of its clients and of these users. */
export function openApiKeys({ store, users, revocations, settings }: {
  readonly store: { readonly apiKeys: ApiKeyStore; readonly clients: Pick<ClientStore, "find"> };
  readonly users: Pick<UserStore, "find">;
  readonly revocations: RevocationPublisher;
  readonly settings: Pick<Settings, "issuer" | "audience" | "accessTokenTtl" | "scopes" | "clock" | "random">;
}): OpenApiKeys {
  const { issuer, audience, accessTokenTtl: lifetimeSeconds, scopes: scopesOfRoles, clock, random } = settings;
  const kept = { store: store.apiKeys, users, clients: store.clients, clock };
  const resolve = (key: string) => resolveApiKey({ ...kept, issuer, audience, lifetimeSeconds, scopesOfRoles }, key);
  return {
    as: (origin) => createApiKeys({ ...kept, random, revocations }, origin),
    resolve,
    async resolveForGuard(key) {
      try {
        const claims = await resolve(key);
        return claims && { ...claims };
      } catch (error) {
        if (!(error instanceof OstiaryError) || error.code !== "unavailable") throw error;
        const headers = { "Cache-Control": "no-store", "Retry-After": String(error.retryAfterSeconds ?? 1) };
        throw new GuardError("unavailable", { message: error.message, reason: error.reason, headers, cause: error });
      }
    },
  };
}
