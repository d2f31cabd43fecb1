import { existsSync } from "node:fs";
import { createClients } from "../clients/clients.ts";
import type { Clients } from "../clients/clients.ts";
import { StartError } from "../errors.ts";
import { createSessions } from "../sessions/sessions.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { openStore } from "../stores/open-store.ts";
import { createPasswords } from "../users/password.ts";
import { createUsers } from "../users/users.ts";
import type { Users } from "../users/users.ts";
import { loadSettings } from "./load-settings.ts";

/** What commands work with: the same as an application that embeds the server. */
export interface Stored {
  readonly clients: Clients;
  readonly users: Users;
  readonly sessions: Sessions;
}

/**
 * What a command does with sessions: whoever ends them needs the database alone, whatever has become of Redis; whoever
 * shows them needs to know how they have rotated.
 */
export type Needs = "database" | "rotations";

/** Opens the configured database beside whatever server runs on it, and closes it again. Never makes one. */
export async function useStore(work: (stored: Stored) => Promise<void>, needs: Needs): Promise<void> {
  const settings = await loadSettings();
  const { clock, random } = settings;
  const path = /^sqlite:(.*)/.exec(settings.databaseUrl)?.[1];
  if (path !== undefined && !existsSync(path)) {
    throw new StartError(`There is no database at ${path}: start the server once, or name another with OSTIARY_DATA_DIR.`);
  }
  const { databaseUrl, redisUrl } = settings;
  const store = await openStore(needs === "rotations" ? { databaseUrl, redisUrl } : { databaseUrl });
  // The server reads the log by itself.
  const revocations = { publish: () => {} };
  const { audit } = store;
  const passwords = createPasswords({ minLength: settings.passwordMinLength });
  try {
    await work({
      clients: createClients({ store: store.clients, clock, random }),
      users: createUsers({ store: store.users, audit, passwords, revocations, clock, random }),
      sessions: createSessions({ store: store.sessions, log: store.revocations, audit, revocations, clock }),
    });
  } finally {
    await store.close();
  }
}
