import { existsSync } from "node:fs";
import type { ApiKeys } from "../api-keys/api-keys.ts";
import { openApiKeys } from "../api-keys/open-api-keys.ts";
import { createClients } from "../clients/clients.ts";
import type { Clients } from "../clients/clients.ts";
import { createRegistrationTokens } from "../clients/self-registered/initial-access-tokens.ts";
import type { RegistrationTokens } from "../clients/self-registered/initial-access-tokens.ts";
import type { Settings } from "../config-schema.ts";
import { readSecrets } from "../data-dir.ts";
import { StartError } from "../errors.ts";
import type { RingDeps } from "../keys/change-ring.ts";
import { keyPolicyOf } from "../keys/key-policy.ts";
import { createKeySafe } from "../keys/key-safe.ts";
import { createKeys } from "../keys/keys.ts";
import type { Keys } from "../keys/keys.ts";
import { limitsOf } from "../limits/limits-of.ts";
import { createSessions } from "../sessions/sessions.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { createMailDesk } from "../mail/mail-desk.ts";
import { openStore } from "../stores/open-store.ts";
import { openUsers } from "../users/directory/open-users.ts";
import { openPasswords } from "../users/open-passwords.ts";
import { createUsers } from "../users/users.ts";
import type { Users } from "../users/users.ts";
import { loadSettings } from "./load-settings.ts";

/** What commands work with: the same as an application that embeds the server. */
export interface Stored {
  readonly clients: Clients;
  readonly registrationTokens: RegistrationTokens;
  readonly settings: Settings;
  readonly ring: RingDeps;
  readonly keys: Keys;
  readonly apiKeys: ApiKeys;
  readonly users: Users;
  readonly sessions: Sessions;
}

/**
 * What a command does with sessions: whoever ends them needs the database alone, whatever has become of Redis; whoever
 * shows them needs to know how they have rotated, and whoever forgets tries needs what they are counted in.
 */
export type Needs = "database" | "rotations" | "limits";

/** Opens the configured database beside whatever server runs on it, and closes it again. Never makes one. */
export async function useStore(work: (stored: Stored) => Promise<void>, needs: Needs): Promise<void> {
  const settings = await loadSettings();
  const { clock, random } = settings;
  const path = /^sqlite:(.*)/.exec(settings.databaseUrl)?.[1];
  if (path !== undefined && !existsSync(path)) {
    throw new StartError(`There is no database at ${path}: start the server once, or name another with OSTIARY_DATA_DIR.`);
  }
  const { databaseUrl, redisUrl } = settings;
  const store = await openStore(needs === "database" ? { databaseUrl } : { databaseUrl, redisUrl });
  // The server reads the log by itself.
  const revocations = { publish: () => {} };
  const { audit } = store;
  const safe = createKeySafe(() => readSecrets(settings), random);
  const ring: RingDeps = { store: store.keys, safe, policy: keyPolicyOf(settings), clock, random, revocations };
  const limits = limitsOf(store.limits, settings.limits);
  const passwords = await openPasswords(settings);
  const userStore = openUsers(settings.users, { store: store.users, audit, revocations, clock, onError: settings.onError });
  try {
    await work({
      clients: createClients({
        store: store.clients,
        access: {
          store: store.sessions,
          oauth: store.oauth,
          log: store.revocations,
          revocations,
          clock,
          accessTokenSeconds: settings.accessTokenTtl,
        },
        clock,
        random,
      }),
      registrationTokens: createRegistrationTokens({ store: store.selfRegistered, clock, random }),
      settings,
      ring,
      keys: createKeys(ring),
      apiKeys: openApiKeys({ store, users: userStore, revocations, settings }).as(),
      users: createUsers({
        store: userStore,
        audit,
        passwords,
        limits,
        sessions: store.sessions,
        identities: store.federation,
        providers: settings.signInWith,
        factors: { store: store.secondFactors, limits, clock, revocations, desk: settings.mail === undefined ? undefined : createMailDesk({ key: noLinks, clock, random }) },
        revocations,
        clock,
        random,
      }),
      sessions: createSessions({
        store: store.sessions,
        log: store.revocations,
        audit,
        revocations,
        policy: { idleSeconds: settings.refreshTokenTtl, rememberSeconds: settings.rememberTtl },
        clock,
      }),
    });
  } finally {
    await passwords.close();
    await store.close();
  }
}

/** What is written about what a command does has no link that proves anything. */
function noLinks(): never {
  throw new Error("A mail of the command line has no such link.");
}
