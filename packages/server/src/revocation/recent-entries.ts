import type { RevocationEntry } from "@ostiary/protocol";
import { entryFrame } from "./feed-frames.ts";

/** An entry and its event, which is encoded once, for all who follow. */
export interface RecentEntry {
  readonly entry: RevocationEntry;
  readonly frame: Uint8Array;
}

/** The end of the log in memory: whoever comes back after a short while needs nothing from the store. */
export interface RecentEntries {
  /** Every entry after this one is here, but for those that have expired. */
  readonly since: number;
  add(entry: RevocationEntry): RecentEntry;
  /** Up to `limit` entries after `seq`, in order; `seq` must not be before `since`. */
  after(seq: number, limit: number): readonly RecentEntry[];
}

/** Keeps at least the last `keep` entries, and less than twice as many. */
export function createRecentEntries(keep: number): RecentEntries {
  let entries: RecentEntry[] = [];
  let since = 0;
  return {
    get since() {
      return since;
    },
    add(entry) {
      if (entries.length >= 2 * keep) {
        since = entries[entries.length - keep - 1]?.entry.seq ?? since;
        entries = entries.slice(-keep);
      }
      const recent = lazilyEncoded(entry);
      entries.push(recent);
      return recent;
    },
    after(seq, limit) {
      const start = firstAfter(entries, seq);
      return entries.slice(start, start + limit);
    },
  };
}

/** Most entries that are read at the start are never sent. */
function lazilyEncoded(entry: RevocationEntry): RecentEntry {
  let frame: Uint8Array | undefined;
  return {
    entry,
    get frame() {
      return (frame ??= entryFrame(entry));
    },
  };
}

function firstAfter(entries: readonly RecentEntry[], seq: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.entry.seq ?? Infinity) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
