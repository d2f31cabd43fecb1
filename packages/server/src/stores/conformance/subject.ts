import type { StorePlace } from "../open-store.ts";
import type { Store } from "../store.ts";

/** The store under test; opened before the first test that asks. */
export interface Subject {
  readonly store: Store;
  /** For other processes. */
  readonly place: StorePlace;
}
