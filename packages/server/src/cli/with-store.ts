import type { Needs, Stored } from "./use-store.ts";

export type { Stored } from "./use-store.ts";

/**
 * Opens the configured database beside whatever server runs on it, and closes it again. Never makes one.
 * Loaded when a command needs it: the store takes longer than all the rest.
 */
export async function withStore(work: (stored: Stored) => Promise<void>, needs: Needs = "database"): Promise<void> {
  const { useStore } = await import("./use-store.ts");
  await useStore(work, needs);
}
