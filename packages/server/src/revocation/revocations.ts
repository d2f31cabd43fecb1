import { setImmediate as turn } from "node:timers/promises";
import type { RevocationEntry } from "@ostiary/protocol";
import { toSeconds } from "../clock.ts";
import type { Clock } from "../clock.ts";
import { oneAfterTheOther } from "./one-after-the-other.ts";
import type { RevocationStore } from "./revocation-store.ts";

const ENTRIES_A_READ = 1000;
/** Whatever a store says of changes, the log is read this often. */
const READ_EVERY_MS = 1000;

/** Whatever is told of entries in this process. */
export interface RevocationSink {
  apply(entry: RevocationEntry): void;
}

/** What the other domains need: to tell what the log has just gained. */
export interface RevocationPublisher {
  /** Tells this process's guards, at once. */
  publish(entry: RevocationEntry): void;
}

export interface Revocations extends RevocationPublisher {
  /** Every entry up to here has been passed on. */
  readonly seq: number;
  /** When the log was last known to hold nothing more, in milliseconds since the epoch. */
  readonly readAt: number;
  /** Reads what the log has gained, by this process or others. Throws `unavailable` if the store does not answer. */
  catchUp(): Promise<void>;
  close(): void;
}

/**
 * Reads the log, and from then on watches it: what this process appends arrives by `publish`, what other processes
 * append (the CLI, other replicas) by polling. `guards` are told as soon as can be, perhaps twice and in any order;
 * `followers` get each entry once, in the order of the log.
 */
export async function followRevocations(options: {
  store: RevocationStore;
  guards: RevocationSink;
  followers: RevocationSink;
  clock: Clock;
  accessTokenSeconds: number;
  onError: (error: unknown) => void;
}): Promise<Revocations> {
  const { store, guards, followers, clock, accessTokenSeconds } = options;
  await store.recordTokenLifetime(accessTokenSeconds, toSeconds(clock()));
  let seq = 0;
  let readAt = clock();

  /** The one way in: whoever reads at the same time, and whatever was published meanwhile, each entry passes once. */
  function pass(entry: RevocationEntry): void {
    if (entry.seq <= seq) return;
    seq = entry.seq;
    guards.apply(entry);
    followers.apply(entry);
  }

  const catchUp = oneAfterTheOther(async () => {
    for (;;) {
      const asOf = clock();
      const entries = await store.entriesAfter(seq, ENTRIES_A_READ);
      entries.forEach(pass);
      if (entries.length === ENTRIES_A_READ) {
        // Followers are to be sent these before more of them wait.
        await turn();
        continue;
      }
      readAt = asOf;
      return;
    }
  });

  let mark = await store.watch.changeMark();
  await catchUp();

  const looksUntilRead = Math.ceil(READ_EVERY_MS / store.watch.everyMs);
  let looks = 0;
  const readIfChanged = oneAfterTheOther(async () => {
    const asOf = clock();
    const markNow = await store.watch.changeMark();
    looks += 1;
    if (markNow === mark && looks < looksUntilRead) {
      readAt = asOf;
      return;
    }
    await catchUp();
    mark = markNow;
    looks = 0;
  });

  let failing = false;
  const look = (): void => {
    readIfChanged().then(
      () => (failing = false),
      (error: unknown) => {
        // An outage is told once, not at every look.
        if (!failing) options.onError(error);
        failing = true;
      },
    );
  };
  const timer = setInterval(look, store.watch.everyMs);
  timer.unref();
  const unsubscribe = store.watch.subscribe(look);

  return {
    get seq() {
      return seq;
    },
    get readAt() {
      return readAt;
    },
    publish(entry) {
      // Appends are serialised: what has the next number has nothing before it that was not passed on yet.
      if (entry.seq === seq + 1) return pass(entry);
      guards.apply(entry);
      if (entry.seq > seq) catchUp().catch(() => {}); // Else the next look does it, and complains.
    },
    catchUp,
    close() {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
