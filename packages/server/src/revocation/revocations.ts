import type { RevocationEntry } from "@ostiary/protocol";
import { toSeconds } from "../clock.ts";
import type { Clock } from "../clock.ts";
import type { RevocationStore } from "./revocation-store.ts";

const ENTRIES_A_READ = 1000;

/** Whatever refuses tokens in this process. */
export interface RevocationSink {
  apply(entry: RevocationEntry): void;
}

/** What the other domains need: to tell what the log has just gained. */
export interface RevocationPublisher {
  /** Tells this process's guards, at once. */
  publish(entry: RevocationEntry): void;
}

export interface Revocations extends RevocationPublisher {
  /** Reads what the log has gained, by this process or others. */
  catchUp(): Promise<void>;
  close(): void;
}

/**
 * Reads the log into `sink`, and from then on watches it: what this process appends arrives by `publish`, what other
 * processes append (the CLI, other replicas) by polling.
 */
export async function followRevocations(options: {
  store: RevocationStore;
  sink: RevocationSink;
  clock: Clock;
  accessTokenSeconds: number;
  onError: (error: unknown) => void;
}): Promise<Revocations> {
  const { store, sink, clock, accessTokenSeconds } = options;
  await store.recordTokenLifetime(accessTokenSeconds, toSeconds(clock()));
  let seen = 0;
  let mark = -1;

  async function catchUp(): Promise<void> {
    const markNow = await store.watch.changeMark();
    if (markNow === mark) return;
    for (;;) {
      const entries = await store.entriesAfter(seen, ENTRIES_A_READ);
      for (const entry of entries) {
        sink.apply(entry);
        seen = entry.seq;
      }
      if (entries.length < ENTRIES_A_READ) break;
    }
    mark = markNow;
  }

  await catchUp();
  let looking = false;
  let again = false;
  let failing = false;
  function look(): void {
    again = looking;
    if (looking) return;
    looking = true;
    catchUp()
      .then(
        () => (failing = false),
        (error: unknown) => {
          // An outage is told once, not at every look.
          if (!failing) options.onError(error);
          failing = true;
        },
      )
      .finally(() => {
        looking = false;
        if (again) look();
      });
  }
  const timer = setInterval(look, store.watch.everyMs);
  timer.unref();
  const unsubscribe = store.watch.subscribe(look);

  return {
    publish: (entry) => sink.apply(entry),
    catchUp,
    close() {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
