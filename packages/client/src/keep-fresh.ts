/**
 * Decides when to refresh: ahead of the token's end, when the page wakes up, when the network is back, and again after a
 * failure. A hidden tab rests: sessions that nobody uses must be able to end. It refreshes when it is shown, or when it
 * needs a token.
 */
import { isPassing } from "./auth-error.ts";
import type { AuthError } from "./auth-error.ts";
import type { Credential } from "./credential.ts";
import type { Environment } from "./environment.ts";
import type { Refresh } from "./refresh.ts";
import type { Session } from "./session.ts";

/** Timers stop while a laptop sleeps, clocks do not: looking at the clock this often finds out. */
const LONGEST_SLEEP_MS = 20_000;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;
/** Whatever a server, or a proxy before it, asks for. */
const LONGEST_WAIT_MS = 300_000;

export interface KeepFreshDeps {
  readonly environment: Environment;
  readonly credential: Credential;
  readonly session: Pick<Session<unknown>, "tokens" | "watch" | "setOffline">;
  readonly refresh: Refresh;
}

export interface KeepFresh {
  /**
   * Refreshes now, for someone who waits for it, unless the server has asked to be left alone until later. Rejects as
   * `Refresh` does, and tries again later by itself.
   */
  now(): Promise<void>;
  /** Something failed that must be tried again. */
  failed(error: unknown): void;
  stop(): void;
}

export function keepFresh({ environment, credential, session, refresh }: KeepFreshDeps): KeepFresh {
  const { page, now, random, after } = environment;
  let failures = 0;
  let retryAt = 0;
  let askedToWait: AuthError | null = null;
  let cancel = (): void => {};

  const dueAt = (): number => (failures > 0 ? retryAt : (session.tokens()?.refreshAt ?? Infinity));

  function plan(): void {
    cancel();
    const due = dueAt();
    if (due < Infinity) cancel = after(Math.min(Math.max(0, due - now()), LONGEST_SLEEP_MS), tick);
  }

  function tick(): void {
    if (page?.isVisible() === false) return; // Waking up plans anew.
    if (now() < dueAt()) plan();
    else void attempt().catch(() => {});
  }

  async function attempt(): Promise<void> {
    const wait = retryAt - now();
    if (askedToWait !== null && wait > 0 && wait <= LONGEST_WAIT_MS) throw askedToWait;
    cancel();
    try {
      await refresh();
      forgive();
      session.setOffline(false);
    } catch (error) {
      failed(error);
      throw error;
    } finally {
      plan();
    }
  }

  function forgive(): void {
    failures = 0;
    askedToWait = null;
  }

  function failed(error: unknown): void {
    const passing = isPassing(error) ? error : null;
    // A refusal is not asked about again once there is nothing left to renew; until then no sooner than an outage.
    if (passing === null && session.tokens() === null) return forgive();
    failures++;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + random() / 2);
    const wait = Math.min(LONGEST_WAIT_MS, (passing?.retryAfterSeconds ?? 0) * 1000);
    askedToWait = wait > 0 ? passing : null;
    retryAt = now() + Math.max(pause, wait);
    if (passing !== null) session.setOffline(true);
    plan();
  }

  function wake(): void {
    const hasChanged = credential.hasChanged(session.tokens()?.csrfToken ?? null);
    if (hasChanged || failures > 0) void attempt().catch(() => {});
    else tick();
  }

  const stopWatching = session.watch(() => {
    if (session.tokens() !== null) forgive();
    plan();
  });
  const stopWaking = page?.onWake(wake);
  return {
    now: attempt,
    failed,
    stop() {
      cancel();
      stopWatching();
      stopWaking?.();
    },
  };
}
