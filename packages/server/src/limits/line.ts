import { OstiaryError } from "../errors.ts";

/** More would wait for the hashing anyway. */
const MAX_WAITING = 500;

/**
 * Tries of this process that are being made, and those that wait until some of them are over: a budget that is used up
 * only by tries under way may yet have room, since right ones are given back.
 */
export interface Line {
  /** How many tries that are counted by this key are being made here. */
  pending(key: string): number;
  enter(keys: readonly string[]): void;
  leave(keys: readonly string[]): void;
  /** Wakes the first that waits for one of these. */
  letNextIn(keys: readonly string[]): void;
  /**
   * Until somebody leaves, or for so long: there may be others elsewhere; no longer than `signal` lets it. Throws
   * `unavailable` if too many wait.
   */
  wait(keys: readonly string[], ms: number, signal?: AbortSignal): Promise<void>;
}

interface Waiter {
  readonly keys: readonly string[];
  wake(): void;
}

export function createLine(): Line {
  const pending = new Map<string, number>();
  const waiters = new Set<Waiter>();

  return {
    pending: (key) => pending.get(key) ?? 0,
    enter(keys) {
      for (const key of keys) pending.set(key, (pending.get(key) ?? 0) + 1);
    },
    leave(keys) {
      for (const key of keys) {
        const left = (pending.get(key) ?? 1) - 1;
        if (left === 0) pending.delete(key);
        else pending.set(key, left);
      }
    },
    letNextIn(keys) {
      for (const waiter of waiters) {
        if (waiter.keys.some((key) => keys.includes(key))) return waiter.wake();
      }
    },
    wait(keys, ms, signal) {
      if (waiters.size >= MAX_WAITING) {
        const details = { reason: "overloaded", retryAfterSeconds: 2 } as const;
        throw new OstiaryError("unavailable", "Too many people are signing in at once. Try again shortly.", details);
      }
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", wake);
          waiters.delete(waiter);
          resolve();
        };
        const waiter: Waiter = { keys, wake };
        const timer = setTimeout(wake, ms);
        signal?.addEventListener("abort", wake, { once: true });
        waiters.add(waiter);
      });
    },
  };
}
