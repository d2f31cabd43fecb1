import type { Sessions } from "../sessions/sessions.ts";
import type { Users } from "../users/users.ts";

/** What commands work with: the same as an application that embeds the server. */
export interface Stored {
  readonly users: Users;
  readonly sessions: Sessions;
}

/**
 * What a command does with sessions: whoever ends them needs the database alone, whatever has become of Redis; whoever
 * shows them needs to know how they have rotated.
 */
export type Needs = "database" | "rotations";

/**
 * Opens the configured database beside whatever server runs on it, and closes it again. Never makes one.
 * Loaded when a command needs it: the store takes longer than all the rest.
 */
export async function withStore(work: (stored: Stored) => Promise<void>, needs: Needs = "database"): Promise<void> {
  const { useStore } = await import("./use-store.ts");
  await useStore(work, needs);
}
