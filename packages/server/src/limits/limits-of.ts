import { DEFAULT_LIMITS } from "./budgets.ts";
import type { LimitSettings } from "./budgets.ts";
import { createLimits } from "./create-limits.ts";
import type { LimitStore } from "./limit-store.ts";
import type { Limits } from "./limits.ts";
import { NO_LIMITS } from "./no-limits.ts";

/** Limits by the settings. */
export function limitsOf(store: LimitStore, settings: "on" | "off" | LimitSettings): Limits {
  return settings === "off" ? NO_LIMITS : createLimits(store, settings === "on" ? DEFAULT_LIMITS : settings);
}
