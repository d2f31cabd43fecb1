import { hash } from "node:crypto";
import { OstiaryError } from "../errors.ts";
import { enter } from "./attempt.ts";
import type { Attempt, Charge } from "./attempt.ts";
import { createBucket } from "./bucket.ts";
import type { Bucket } from "./bucket.ts";
import { budgetsOf } from "./budgets.ts";
import type { LimitSettings } from "./budgets.ts";
import type { LimitStore } from "./limit-store.ts";
import { createLine } from "./line.ts";
import { networkOf } from "./network-of.ts";

export type BudgetName = keyof ReturnType<typeof budgetsOf>;

/** The counts of all budgets, and what is done with them. */
export interface Tally {
  /** One of a budget's counts. `clearedBySuccess`: whether a right try proves that the earlier ones were the owner's, too. */
  readonly at: (name: BudgetName, key: string, clearedBySuccess: boolean) => Charge;
  /** The count of the network that an address is in; none where it is not known. */
  readonly atNetwork: (name: BudgetName, address: string | null) => Charge[];
  /** Takes room for a try in all of them, or throws `too_many_attempts`. */
  readonly enter: (charges: readonly Charge[], signal?: AbortSignal) => Promise<Attempt>;
  /** Takes some of what a network has, whatever comes of it. */
  readonly spend: (name: BudgetName, address: string | null) => Promise<void>;
  /** Takes it, if there is any; nobody is told if there is none. */
  readonly hasRoom: (charge: Charge) => Promise<boolean>;
  readonly clear: (charges: readonly Charge[]) => Promise<void>;
}

export function createTally(store: LimitStore, settings: LimitSettings): Tally {
  const budgets = budgetsOf(settings);
  const buckets = Object.fromEntries(
    Object.entries(budgets).map(([name, budget]) => [name, createBucket(store, budget)]),
  ) as Record<BudgetName, Bucket>;
  const line = createLine();

  const tally: Tally = {
    at: (name, key, clearedBySuccess) => ({
      name: budgets[name].name,
      bucket: buckets[name],
      key: keyOf(key),
      clearedBySuccess,
    }),
    atNetwork: (name, address) => {
      const network = networkOf(address);
      // Not cleared: who may do it for one account could try others for ever.
      return network === null ? [] : [tally.at(name, network, false)];
    },
    enter: (charges, signal) => enter(charges, line, signal),
    spend: async (name, address) => {
      for (const charge of tally.atNetwork(name, address)) await (await tally.enter([charge])).failed();
    },
    hasRoom: async (charge) => {
      try {
        await (await tally.enter([charge])).failed();
        return true;
      } catch (error) {
        if (error instanceof OstiaryError && error.code === "too_many_attempts") return false;
        throw error;
      }
    },
    clear: async (charges) => {
      await Promise.all(charges.map(({ bucket, key }) => bucket.clear(key)));
    },
  };
  return tally;
}

/** The counts tell nobody's e-mail. */
export function keyOf(text: string): string {
  return hash("sha256", text, "base64url");
}
