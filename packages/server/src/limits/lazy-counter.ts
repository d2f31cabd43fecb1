import { lazily } from "../lazily.ts";
import type { Counter } from "./limit-store.ts";

/** A counter whose library is loaded with the first try. */
export function lazyCounter(make: () => Promise<Counter>): Counter {
  const counter = lazily(make);
  return {
    get: async (key) => (await counter()).get(key),
    set: async (key, points, seconds) => (await counter()).set(key, points, seconds),
    delete: async (key) => (await counter()).delete(key),
    consume: async (key) => (await counter()).consume(key),
    penalty: async (key) => (await counter()).penalty(key),
    reward: async (key) => (await counter()).reward(key),
  };
}
