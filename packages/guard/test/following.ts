/** A guard that follows a test's feed, with every clock and every timer of its own in the test's hands. */
import { setImmediate as turn } from "node:timers/promises";
import { onTestFinished, vi } from "vitest";
import { createGuard, type Guard, type GuardOptions, type GuardStatus, type RevocationOptions } from "../src/index.ts";
import { CLIENT, startFeed, type TestFeed } from "./feed-server.ts";
import { AUDIENCE } from "./issuer.ts";

export interface Following {
  readonly feed: TestFeed;
  readonly guard: Guard;
  readonly warnings: string[];
  /** Of the guard; wall clock and monotonic clock are set apart on purpose. */
  readonly clock: { wall: number; monotonic: number };
  status(): GuardStatus;
  /** Lets time pass for guard and server alike. */
  pass(milliseconds: number): void;
  /** Seconds go by, each with a heartbeat that is received. */
  live(seconds: number): Promise<void>;
  /** A minute goes by in which nothing is heard, and the connection is another one afterwards. */
  sleepAMinute(): Promise<void>;
  /** Lets time pass in steps until there is a stream that is live. */
  reconnected(): Promise<void>;
  /** A good token of the session `sid`. */
  token(sid?: string, changes?: Record<string, unknown>): string;
}

interface Changes extends Partial<Omit<RevocationOptions, "feed">> {
  readonly feed?: TestFeed;
  readonly options?: Partial<GuardOptions>;
}

export async function follow({ feed: given, options, ...revocation }: Changes = {}): Promise<Following> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const feed = given ?? (await startFeed());
  const clock = { wall: feed.seconds * 1000, monotonic: 5_000_000 };
  const warnings: string[] = [];
  const guard = createGuard({
    issuer: feed.issuer.url,
    audience: AUDIENCE,
    revocation: { ...CLIENT, ...revocation },
    clock: () => clock.wall,
    monotonicClock: () => clock.monotonic,
    onWarning: (message) => void warnings.push(message),
    ...options,
  });
  onTestFinished(() => guard.close());

  const following: Following = {
    feed,
    guard,
    warnings,
    clock,
    status: () => guard.status(),
    pass(milliseconds) {
      clock.wall += milliseconds;
      clock.monotonic += milliseconds;
      feed.seconds += milliseconds / 1000;
      vi.advanceTimersByTime(milliseconds);
    },
    async live(seconds) {
      for (let second = 0; second < seconds; second++) {
        following.pass(1000);
        feed.beat();
        await until(() => (guard.status().staleness ?? 1) < 0.001);
      }
    },
    async sleepAMinute() {
      following.pass(60_000);
      await until(() => !guard.status().connected);
      await following.reconnected();
    },
    async reconnected() {
      await until(() => {
        if (guard.status().connected && feed.streams.length > 0) return true;
        following.pass(20);
        return false;
      });
    },
    token: (sid = "session-1", changes = {}) => feed.issuer.token({ sid, ...changes }, feed.seconds * 1000),
  };
  return following;
}

/** Waits for what real sockets bring; the bound only says that it never came. */
export async function until(condition: () => boolean): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 10_000) throw new Error(`It never came to be that ${condition.toString()}`);
    // Several, because a connection takes some: time that a condition lets pass is not to outrun them.
    for (let i = 0; i < 5; i++) await turn();
  }
}
