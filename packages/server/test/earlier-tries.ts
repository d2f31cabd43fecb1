import { hash } from "node:crypto";
import type { Store } from "../src/stores/store.ts";

/** Counts tries from an address as if they had been made: what a budget of hundreds does is then seen with a few. */
export async function countEarlier(
  store: Store,
  budget: { name: string; windowSeconds: number },
  address: string,
  count: number,
): Promise<void> {
  await store.limits.counter({ ...budget, tries: 1_000_000 }).penalty(hash("sha256", address, "base64url"), count);
}
