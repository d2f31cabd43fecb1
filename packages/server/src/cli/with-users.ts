import { existsSync } from "node:fs";
import { StartError } from "../errors.ts";
import { openStore } from "../stores/open-store.ts";
import { createPasswords } from "../users/password.ts";
import { createUsers } from "../users/users.ts";
import type { Users } from "../users/users.ts";
import { loadSettings } from "./load-settings.ts";

/** Opens the configured database beside whatever server runs on it, and closes it again. Never makes one. */
export async function withUsers(work: (users: Users) => Promise<void>): Promise<void> {
  const settings = await loadSettings();
  const path = /^sqlite:(.*)/.exec(settings.databaseUrl)?.[1];
  if (path !== undefined && !existsSync(path)) {
    throw new StartError(`There is no database at ${path}: start the server once, or name another with OSTIARY_DATA_DIR.`);
  }
  // Whoever is signed out, is so by the database alone: where sessions rotate does not matter here.
  const store = await openStore({ databaseUrl: settings.databaseUrl });
  try {
    await work(
      createUsers({
        store: store.users,
        audit: store.audit,
        passwords: createPasswords({ minLength: settings.passwordMinLength }),
        // The server reads the log by itself.
        revocations: { publish: () => {} },
        clock: settings.clock,
        random: settings.random,
      }),
    );
  } finally {
    await store.close();
  }
}
