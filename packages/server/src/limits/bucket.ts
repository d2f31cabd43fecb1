import { OstiaryError } from "../errors.ts";
import type { Budget } from "./budgets.ts";
import type { LimitStore } from "./limit-store.ts";

/** A closing is remembered for so many times as long as the longest lasts. */
const MEMORY_FACTOR = 2;
const UNCOUNTED = 1_000_000_000;
/** A replica that was killed amid tries holds room for them for so long at the most; longer than a try takes. */
export const UNDER_WAY_SECONDS = 60;

/** One budget, for as many keys as there are. */
export interface Bucket {
  readonly budget: Budget;
  /**
   * Holds room for a try before it is made, so that a hundred at once are a hundred. False if it is only tries under way
   * that leave none: some may be right. Throws `too_many_attempts` if wrong ones have used the budget up.
   */
  enter(key: string): Promise<boolean>;
  /** The try was not made, or was right. */
  leave(key: string): Promise<void>;
  /** The try was wrong: it is charged. The last one of a budget closes it, for twice as long as the last time. */
  fail(key: string): Promise<Failure>;
  /** All wrong tries are forgotten, the closings too. */
  clear(key: string): Promise<void>;
}

export interface Failure {
  readonly isFirst: boolean;
  /** Null unless this was the last one. */
  readonly closedForSeconds: number | null;
}

export function createBucket(store: LimitStore, budget: Budget): Bucket {
  const { name, longestDelaySeconds } = budget;
  const memorySeconds = MEMORY_FACTOR * Math.max(longestDelaySeconds, budget.windowSeconds);
  const wrong = store.counter(budget);
  const underWay = store.counter({ name: `${name}-under-way`, tries: UNCOUNTED, windowSeconds: UNDER_WAY_SECONDS });
  const closings = store.counter({ name: `${name}-closings`, tries: UNCOUNTED, windowSeconds: memorySeconds });

  async function wrongTries(key: string): Promise<number> {
    const counted = await wrong.get(key);
    if (counted === null || counted.consumedPoints < budget.tries) return counted?.consumedPoints ?? 0;
    throw tooManyAttempts(budget, Math.max(1, Math.ceil(counted.msBeforeNext / 1000)));
  }

  async function leave(key: string): Promise<void> {
    const { consumedPoints } = await underWay.reward(key);
    // Its room had been forgotten meanwhile.
    if (consumedPoints < 0) await underWay.penalty(key);
  }

  async function close(key: string): Promise<number> {
    const { consumedPoints } = await closings.penalty(key);
    const seconds = Math.min(budget.firstDelaySeconds * 2 ** (consumedPoints - 1), longestDelaySeconds);
    await Promise.all([wrong.set(key, budget.tries, seconds), closings.set(key, consumedPoints, memorySeconds)]);
    return seconds;
  }

  return {
    budget,
    async enter(key) {
      // Who is refused anyway writes nothing.
      await wrongTries(key);
      const { consumedPoints } = await underWay.penalty(key);
      try {
        // Asked after room was taken, and `fail` charges before it leaves: nobody slips through between the two counts.
        if ((await wrongTries(key)) + consumedPoints <= budget.tries) return true;
      } catch (error) {
        await leave(key);
        throw error;
      }
      await leave(key);
      return false;
    },
    leave,
    async fail(key) {
      const { consumedPoints } = await wrong.penalty(key);
      const closedForSeconds = consumedPoints === budget.tries ? await close(key) : null;
      await leave(key);
      return { isFirst: consumedPoints === 1, closedForSeconds };
    },
    async clear(key) {
      await Promise.all([wrong.delete(key), closings.delete(key)]);
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
  const [count, unit] =
    seconds < 120
      ? [seconds, "second"]
      : seconds < 7200
        ? [Math.ceil(seconds / 60), "minute"]
        : [Math.ceil(seconds / 3600), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
