import { setTimeout as sleep } from "node:timers/promises";
import { toSeconds } from "./clock.ts";
import type { Clock } from "./clock.ts";
import type { Store } from "./stores/store.ts";

const EVERY_MS = 60_000;
/** Rows a transaction, and how long after each: no refresh waits for more than one of them. */
const BATCH = 100;
const PAUSE_MS = 10;
/** Ended sessions stay so long: whoever comes late with a token is told why. */
const SESSIONS_KEPT_MS = 7 * 86_400_000;
/** And codes: whoever redeems one twice is found out. */
const CODES_KEPT_MS = 86_400_000;
/** And what is good for one use: another server's clock may be behind ours. */
const USED_ONCE_KEPT_MS = 300_000;
/** And requests: a device that asks late is told that it is late. Anybody can make them. */
const REQUESTS_KEPT_MS = 15 * 60_000;
/** And API keys: whoever wonders why something has stopped finds them in the list. */
const API_KEYS_KEPT_MS = 30 * 86_400_000;
/** Clients that came by themselves and never got a token. */
const UNUSED_KEPT_MS = 30 * 86_400_000;

/** Sweeps every minute. */
export function sweepEvery({ store, auditSeconds, clock, onError }: {
  store: Store;
  auditSeconds: number;
  clock: Clock;
  onError: (error: unknown) => void;
}): { stop(): void } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let sweeping = false;
  async function tick(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      await sweep(store, clock(), auditSeconds, () => sleep(PAUSE_MS, undefined, { signal, ref: false }));
    } catch (error) {
      if (!signal.aborted) onError(error);
    } finally {
      sweeping = false;
    }
  }
  const timer = setInterval(() => void tick(), EVERY_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      stopping.abort();
    },
  };
}

/**
 * Drops what is over, in small batches: revocations no token outlives, sessions that ended long ago,
 * tries that no longer count, what the audit has kept for as long as it is to. `pause` comes after
 * each batch and lets the requests in that have come meanwhile; where a store answers at once, nothing else would.
 */
export async function sweep(
  store: Pick<
    Store,
    | "revocations"
    | "sessions"
    | "limits"
    | "audit"
    | "oauth"
    | "federation"
    | "apiKeys"
    | "selfRegistered"
    | "mail"
    | "secondFactors"
  >,
  now: number,
  auditSeconds: number,
  pause: () => Promise<void>,
): Promise<void> {
  while ((await store.revocations.dropExpired(toSeconds(now), BATCH)) === BATCH) await pause();
  while ((await store.sessions.dropEnded(now - SESSIONS_KEPT_MS, BATCH)) === BATCH) await pause();
  while ((await store.audit.dropOlder(now - auditSeconds * 1000, BATCH)) === BATCH) await pause();
  while ((await store.limits.dropExpired(now, BATCH)) === BATCH) await pause();
  while ((await store.oauth.once.dropExpired(now - USED_ONCE_KEPT_MS, BATCH)) === BATCH) await pause();
  while ((await store.oauth.dropExpired(now - CODES_KEPT_MS, BATCH)) === BATCH) await pause();
  while ((await store.oauth.dropRequests(now - REQUESTS_KEPT_MS, BATCH)) === BATCH) await pause();
  while ((await store.federation.dropExpired(now, BATCH)) === BATCH) await pause();
  while ((await store.secondFactors.dropExpired(now, BATCH)) === BATCH) await pause();
  while ((await store.apiKeys.dropEnded(now - API_KEYS_KEPT_MS, BATCH)) === BATCH) await pause();
  while ((await store.selfRegistered.dropUnused({ madeBefore: now - UNUSED_KEPT_MS, expiredBefore: now }, BATCH)) === BATCH) {
    await pause();
  }
  while ((await store.mail.dropExpired(now, BATCH)) === BATCH) await pause();
}
