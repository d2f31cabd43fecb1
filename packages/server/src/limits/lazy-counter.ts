import { lazily } from "../lazily.ts";
import type { Counter } from "./limit-store.ts";

/** A counter whose library is loaded with the first try. */
export function lazyCounter(make: () => Promise<Counter>): Counter {
  const counter = lazily(make);
  return {
    get: async (...asked) => (await counter()).get(...asked),
    set: async (...asked) => (await counter()).set(...asked),
    delete: async (...asked) => (await counter()).delete(...asked),
    consume: async (...asked) => (await counter()).consume(...asked),
    penalty: async (...asked) => (await counter()).penalty(...asked),
    reward: async (...asked) => (await counter()).reward(...asked),
  };
}
