import type { AccessDeps } from "../src/oauth/end-access.ts";
import type { Store } from "../src/stores/store.ts";

/** What clients were granted on this store, for tests without a server. */
export function accessOn(store: Store, clock: () => number): AccessDeps {
  return {
    store: store.sessions,
    oauth: store.oauth,
    log: store.revocations,
    revocations: { publish() {} },
    clock,
    accessTokenSeconds: 900,
  };
}
