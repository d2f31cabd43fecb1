import type { LimitSettings } from "./budgets.ts";
import type { LimitStore } from "./limit-store.ts";
import type { Limits } from "./limits.ts";
import { mailLimits } from "./mail-limits.ts";
import { passwordLimits } from "./password-limits.ts";
import { secondStepLimits } from "./second-step-limits.ts";
import { createTally } from "./tally.ts";

export function createLimits(store: LimitStore, settings: LimitSettings): Limits {
  const tally = createTally(store, settings);
  const { at, atNetwork, enter, spend } = tally;
  return {
    ...passwordLimits(tally, store),
    ...secondStepLimits(tally),
    ...mailLimits(tally),
    signup: (address) => spend("signup", address),
    request: (address) => spend("request", address),
    // Right ones clear nothing: whoever has a device of their own has as many right ones as they like.
    userCode: async ({ userId, address }) => enter([at("userCode", userId, false), ...atNetwork("userCodeAddress", address)]),
    signInWith: (address) => spend("signInWith", address),
    wrongToken: (address) => spend("refresh", address),
    registration: (address) => spend("registration", address),
    clientDocument: (address) => spend("clientDocument", address),
    async wrongClient(clientId, address) {
      return (await enter([at("client", clientId, false), ...atNetwork("clientAddress", address)])).failed();
    },
  };
}
