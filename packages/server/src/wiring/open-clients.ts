import type { ClientDeps } from "../clients/create-client.ts";
import { createKnownClients } from "../clients/known-clients.ts";
import type { HeldByClients, KnownClients } from "../clients/known-clients.ts";
import { createSelfRegistration } from "../clients/self-registered/create-self-registration.ts";
import type { SelfRegistration } from "../clients/self-registered/create-self-registration.ts";
import type { Settings } from "../config-schema.ts";
import type { FetchPublic } from "../fetching/fetch-public.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Limits } from "../limits/limits.ts";
import type { AccessDeps } from "../oauth/end-access.ts";
import { createIdTokenHints } from "../oauth/id-token-hint.ts";
import type { OAuthDeps } from "../oauth/oauth.ts";
import type { Revocations } from "../revocation/revocations.ts";
import type { Store } from "../stores/store.ts";
import { createIdTokens } from "../tokens/id-token.ts";

export interface OpenClients {
  readonly clients: ClientDeps & { readonly access: AccessDeps };
  readonly knownClients: KnownClients;
  readonly selfRegistration: SelfRegistration;
  readonly oauth: OAuthDeps;
}

/** Programs, and what users grant them. */
export function openClients(
  store: Store,
  { settings, limits, keyring, fetchPublic, revocations, held }: {
    settings: Settings;
    limits: Limits;
    keyring: Keyring;
    fetchPublic: FetchPublic;
    revocations: Revocations;
    held: HeldByClients;
  },
): OpenClients {
  const { issuer, accessTokenTtl: accessTokenSeconds, clock, random } = settings;
  const { oauth, revocations: log } = store;
  const access = { store: store.sessions, oauth, log, revocations, clock, accessTokenSeconds };
  const selfRegistration = createSelfRegistration({ settings, store, fetch: fetchPublic, limits, access });
  return {
    clients: { store: store.clients, access, clock, random },
    knownClients: createKnownClients({ store: store.clients, held, documents: selfRegistration.documents }),
    selfRegistration,
    oauth: {
      store: oauth,
      idTokens: createIdTokens({ keyring, issuer, lifetimeSeconds: accessTokenSeconds, clock }),
      readIdTokenHint: createIdTokenHints({ keyring, issuer }),
      clients: store.clients,
      access,
    },
  };
}
