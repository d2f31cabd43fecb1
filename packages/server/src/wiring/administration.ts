import type { OpenApiKeys } from "../api-keys/open-api-keys.ts";
import type { Origin } from "../audit/audit-event.ts";
import { createClients } from "../clients/clients.ts";
import type { Settings } from "../config-schema.ts";
import type { Administration } from "../http/admin-deps.ts";
import { createKeys } from "../keys/keys.ts";
import type { Revocations } from "../revocation/revocations.ts";
import type { SessionDeps } from "../sessions/session-deps.ts";
import { createSessions } from "../sessions/sessions.ts";
import type { Store } from "../stores/store.ts";
import { createUsers } from "../users/users.ts";
import type { OpenClients } from "./open-clients.ts";
import type { OpenKeys } from "./open-keys.ts";
import type { People } from "./open-people.ts";

/** The domains as programs, the console and the command line have them: for somebody, in whose name it is audited. */
export function administrationOf(
  store: Store,
  { settings, keys, revocations, people, sessions, clients, apiKeys }: {
    settings: Settings;
    keys: OpenKeys;
    revocations: Revocations;
    people: People;
    sessions: SessionDeps;
    clients: OpenClients["clients"];
    apiKeys: OpenApiKeys;
  },
): (origin: Origin) => Administration {
  const { random, signInWith: providers } = settings;
  const { users, factors } = people;
  const owned = { sessions: store.sessions, identities: store.federation, providers, factors };
  return (origin) => ({
    users: createUsers({ ...users, ...owned, random, revocations }, origin),
    sessions: createSessions({ ...sessions, audit: store.audit, log: store.revocations }, origin),
    clients: createClients(clients, origin),
    apiKeys: apiKeys.as(origin),
    keys: createKeys({ ...keys.ring, revocations, origin }, () => keys.keyring.catchUp()),
  });
}
