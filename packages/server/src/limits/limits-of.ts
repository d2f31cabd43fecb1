import { DEFAULT_LIMITS } from "./budgets.ts";
import type { LimitSettings } from "./budgets.ts";
import type { LimitStore } from "./limit-store.ts";
import { createLimits, NO_LIMITS } from "./limits.ts";
import type { Limits } from "./limits.ts";

/** Limits by the settings. */
export function limitsOf(store: LimitStore, settings: "on" | "off" | LimitSettings): Limits {
  return settings === "off" ? NO_LIMITS : createLimits(store, settings === "on" ? DEFAULT_LIMITS : settings);
}
