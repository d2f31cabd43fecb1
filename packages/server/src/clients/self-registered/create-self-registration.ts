import type { Origin } from "../../audit/audit-event.ts";
import { ASSERTION_ALGORITHMS } from "../../oauth/client-assertion.ts";
import type { FetchPublic } from "../../fetching/fetch-public.ts";
import type { Settings } from "../../config-schema.ts";
import { lazily } from "../../lazily.ts";
import type { Limits } from "../../limits/limits.ts";
import type { AccessDeps } from "../../oauth/end-access.ts";
import type { ClientStore } from "../client-store.ts";
import { createClientKeys } from "../client-keys.ts";
import type { ClientKeys } from "../client-keys.ts";
import { createClientDocuments } from "./client-documents.ts";
import type { ClientDocuments } from "./client-documents.ts";
import { createRegistrationTokens } from "./initial-access-tokens.ts";
import type { RegistrationTokens } from "./initial-access-tokens.ts";
import type { SelfRegisteredStore } from "./self-registered-store.ts";
import { createRegistrations } from "./registrations.ts";
import type { Registrations } from "./registrations.ts";

/** All that has to do with clients that came by themselves. */
export interface SelfRegistration {
  readonly registrations: Registrations;
  /** Null where ids are no addresses. */
  readonly documents: ClientDocuments | null;
  readonly keys: ClientKeys;
  /** `origin` is who does it, for the audit. */
  readonly tokensAs: (origin: Origin) => RegistrationTokens;
}

export interface SelfRegistrationDeps {
  readonly settings: Settings;
  readonly store: { readonly clients: ClientStore; readonly selfRegistered: SelfRegisteredStore };
  readonly fetch: FetchPublic;
  readonly limits: Pick<Limits, "registration" | "clientDocument" | "wrongToken">;
  readonly access: AccessDeps;
}

export function createSelfRegistration({ settings, store, fetch, limits, access }: SelfRegistrationDeps): SelfRegistration {
  const {
    clock,
    random,
    dynamicRegistration: mode,
    clientIdDocuments,
    selfRegisteredScopes: scopes,
    dangerouslyFetchLoopback: allowLoopback,
  } = settings;
  const { clients, selfRegistered } = store;
  const policy = { scopes, idTokenAlgorithm: settings.signingAlgorithm, assertionAlgorithms: ASSERTION_ALGORITHMS };
  const isOn = clientIdDocuments === "on";
  return {
    registrations: createRegistrations({ store: clients, selfRegistered, access, mode, policy, limits, fetch, clock, random }),
    documents: isOn
      ? createClientDocuments({
          fetch,
          clients,
          store: selfRegistered,
          limits,
          policy: { ...policy, clientCredentials: false },
          allowLoopback,
          clock,
        })
      : null,
    keys: createClientKeys({ fetch, limits, clock }),
    tokensAs: (origin) => createRegistrationTokens({ store: selfRegistered, clock, random }, origin),
  };
}

/** For addresses that strangers name. */
export function fetchPublicOf({ dangerouslyFetchLoopback: allowLoopback }: Settings): FetchPublic {
  const fetchPublic = lazily(async () => (await import("../../fetching/fetch-public.ts")).createFetchPublic({ allowLoopback }));
  return async (url, options) => (await fetchPublic())(url, options);
}
