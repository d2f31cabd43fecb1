import type { RateLimiterAbstract } from "rate-limiter-flexible";

/** Where tries are counted: for all replicas together, and across restarts. */
export interface LimitStore {
  /** A counter for one budget. It goes by the wall clock. */
  counter(budget: CountedBudget): Counter;
  /** Drops up to `limit` counts that were over before `before`, milliseconds since the epoch. Tells how many. */
  dropExpired(before: number, limit: number): Promise<number>;
}

/** Of the library's limiters what is asked of them. */
export type Counter = Pick<RateLimiterAbstract, "get" | "set" | "delete" | "consume" | "penalty" | "reward">;

export interface CountedBudget {
  readonly name: string;
  readonly tries: number;
  readonly windowSeconds: number;
}
