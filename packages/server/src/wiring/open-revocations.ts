import { createRevocationSet } from "@ostiary/guard/embedded";
import type { RevocationSet } from "@ostiary/guard/embedded";
import { steadyClock } from "../clock.ts";
import type { Settings } from "../config-schema.ts";
import type { Keyring } from "../keys/keyring.ts";
import { createRevocationFeed } from "../revocation/feed.ts";
import type { RevocationFeed } from "../revocation/feed.ts";
import type { RevocationStore } from "../revocation/revocation-store.ts";
import { followRevocations } from "../revocation/revocations.ts";
import type { Revocations, RevocationSink } from "../revocation/revocations.ts";

export interface OpenRevocations {
  readonly revocations: Revocations;
  /** For guards in this process. */
  readonly set: RevocationSet;
  /** For guards in others. */
  readonly feed: RevocationFeed;
}

/** The log, read up to its end, and all that follow it. */
export async function openRevocations(
  store: RevocationStore,
  { settings, keyring, notifier }: { settings: Settings; keyring: Pick<Keyring, "look">; notifier: RevocationSink },
): Promise<OpenRevocations> {
  const { clock, accessTokenTtl: accessTokenSeconds, onError } = settings;
  const set = createRevocationSet({ clock });
  // Until the log has been read for the first time there is no router, and so no follower.
  let logReadAt = (): number => clock();
  const secondsBehind = (): number => (clock() - logReadAt()) / 1000;
  const feed = createRevocationFeed({ store, clock, steadyClock: steadyClock(clock), secondsBehind });
  const guards: RevocationSink = {
    apply(entry) {
      set.apply(entry);
      // Whoever takes a key out tells so here: sooner than the ring's next look.
      if (entry.kind === "key") keyring.look();
    },
  };
  const followers: RevocationSink = {
    apply(entry) {
      feed.apply(entry);
      notifier.apply(entry);
    },
  };
  const revocations = await followRevocations({ store, guards, followers, clock, accessTokenSeconds, onError });
  logReadAt = () => revocations.readAt;
  return { revocations, set, feed };
}
