import { toSeconds } from "./clock.ts";
import type { Clock } from "./clock.ts";
import type { Store } from "./stores/store.ts";

const EVERY_MS = 60_000;
/** Rows a statement: small, so that no refresh waits for it. */
const BATCH = 500;
/** Ended sessions stay so long: whoever comes late with a token is told why. */
const SESSIONS_KEPT_MS = 7 * 86_400_000;

/** Drops what is over, every minute, in small batches: revocations no token outlives, sessions that ended long ago. */
export function sweepEvery({ store, clock, onError }: {
  store: Store;
  clock: Clock;
  onError: (error: unknown) => void;
}): { stop(): void } {
  async function sweep(): Promise<void> {
    const now = clock();
    while ((await store.revocations.dropExpired(toSeconds(now), BATCH)) === BATCH);
    while ((await store.sessions.dropEnded(now - SESSIONS_KEPT_MS, BATCH)) === BATCH);
  }
  const timer = setInterval(() => void sweep().catch(onError), EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
