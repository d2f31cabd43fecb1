import { lazyCounter } from "../../limits/lazy-counter.ts";
import type { LimitStore } from "../../limits/limit-store.ts";
import type { Connection } from "./connection.ts";
import type { MultiStep } from "./open-client.ts";

/** Counts in Redis, through the connection that answers or fails in bounded time. They expire by themselves. */
export function createRedisLimitStore(connection: Pick<Connection, "run">): LimitStore {
  const client = asLibraryClient(connection);
  return {
    counter: ({ name, tries, windowSeconds }) =>
      lazyCounter(async () => {
        const { RateLimiterRedis } = await import("rate-limiter-flexible");
        return new RateLimiterRedis({
          storeClient: client,
          useRedisPackage: true,
          keyPrefix: `ostiary:${name}`,
          points: tries,
          duration: windowSeconds,
        });
      }),
    dropExpired: async () => 0,
  };
}

/** The four commands that the library asks a node-redis client for. */
function asLibraryClient({ run }: Pick<Connection, "run">) {
  return {
    eval: (script: string, options: { keys: string[]; arguments: string[] }) => run((redis) => redis.eval(script, options)),
    del: (key: string) => run((redis) => redis.del(key)),
    multi() {
      const steps: MultiStep[] = [];
      const chain = {
        get: (...step: readonly unknown[]) => (steps.push(["get", step]), chain),
        set: (...step: readonly unknown[]) => (steps.push(["set", step]), chain),
        pTTL: (...step: readonly unknown[]) => (steps.push(["pTTL", step]), chain),
        exec: () => run((redis) => redis.multi(steps)),
      };
      return chain;
    },
  };
}
