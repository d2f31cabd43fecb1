import { RateLimiterRes } from "rate-limiter-flexible";
import { OstiaryError } from "../errors.ts";
import type { Budget } from "./budgets.ts";
import type { LimitStore } from "./limit-store.ts";

/** More than any budget, so that no try that is given back opens what was closed. */
const CLOSED = 1_000_000_000;
/** A closing is remembered for so many times as long as the longest lasts. */
const MEMORY_FACTOR = 2;

/** One budget, for as many keys as there are. */
export interface Bucket {
  readonly budget: Budget;
  /**
   * Charges a try before it is made, so that a hundred at once are a hundred. Null if it is tries under way that use the
   * budget up: some may be right, and be given back. Throws `too_many_attempts` if it is closed.
   */
  take(key: string): Promise<Taken | null>;
  /** The try was not made, or was right. */
  giveBack(key: string): Promise<void>;
  /** No more tries for a while; twice as long as the last time. Tells for how many seconds. */
  close(key: string): Promise<number>;
  /** All is forgotten, the closings too. */
  clear(key: string): Promise<void>;
}

export interface Taken {
  readonly isFirst: boolean;
  /** There are no more after this one. */
  readonly isLast: boolean;
}

export function createBucket(store: LimitStore, budget: Budget): Bucket {
  const { name, longestDelaySeconds } = budget;
  const memorySeconds = MEMORY_FACTOR * Math.max(longestDelaySeconds, budget.windowSeconds);
  const tries = store.counter(budget);
  const closings = store.counter({ name: `${name}-closings`, tries: CLOSED, windowSeconds: memorySeconds });
  return {
    budget,
    async take(key) {
      try {
        const { consumedPoints, remainingPoints } = await tries.consume(key);
        return { isFirst: consumedPoints === 1, isLast: remainingPoints === 0 };
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        if (error.consumedPoints >= CLOSED) throw tooManyAttempts(budget, Math.max(1, Math.ceil(error.msBeforeNext / 1000)));
        await tries.reward(key);
        return null;
      }
    },
    async giveBack(key) {
      await tries.reward(key);
    },
    async close(key) {
      const { consumedPoints } = await closings.penalty(key);
      const seconds = Math.min(budget.firstDelaySeconds * 2 ** (consumedPoints - 1), longestDelaySeconds);
      await Promise.all([tries.set(key, CLOSED, seconds), closings.set(key, consumedPoints, memorySeconds)]);
      return seconds;
    },
    async clear(key) {
      await Promise.all([tries.delete(key), closings.delete(key)]);
    },
  };
}

export function tooManyAttempts({ name, tries, windowSeconds }: Budget, retryAfterSeconds: number): OstiaryError {
  return new OstiaryError("too_many_attempts", `Too many attempts. Try again in ${inWords(retryAfterSeconds)}.`, {
    retryAfterSeconds,
    limit: { name, tries, windowSeconds },
  });
}

function inWords(seconds: number): string {
  const [count, unit] = seconds < 120 ? [seconds, "second"] : seconds < 7200 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3600), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
