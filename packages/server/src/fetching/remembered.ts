import type { Clock } from "../clock.ts";

/** What was fetched, for as long as it is good. */
export interface Kept<Value> {
  readonly value: Value;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Of no use to anybody: it is kept apart, where it takes the place of others of its kind alone. */
  readonly isRefusal?: boolean;
}

export interface RememberedOptions {
  readonly clock: Clock;
  /** What has not been asked for for longest is forgotten first. */
  readonly maxEntries: number;
  /** How many may be fetched at once, whatever they are. */
  readonly maxAtOnce: number;
}

/** How many refusals stand beside what is good. */
const REFUSALS_SHARE = 0.2;

export interface Remembered<Value> {
  /** What is known of it still; undefined if nothing. */
  peek(key: string): Value | undefined;
  /** The same, or what `fetch` gives; whoever comes while it is under way waits for the same. Null if too many are under way. */
  get(key: string, fetch: () => Promise<Kept<Value>>): Promise<Value | null>;
  /** The same, but anew, whatever is known: that stays until there is an answer. */
  renew(key: string, fetch: () => Promise<Kept<Value>>): Promise<Value | null>;
  /** Takes it for known. */
  keep(key: string, kept: Kept<Value>): void;
}

export function createRemembered<Value>({ clock, maxEntries, maxAtOnce }: RememberedOptions): Remembered<Value> {
  const good = new Map<string, Kept<Value>>();
  const refusals = new Map<string, Kept<Value>>();
  const maxRefusals = Math.ceil(maxEntries * REFUSALS_SHARE);
  const underWay = new Map<string, Promise<Value>>();

  function peek(key: string): Value | undefined {
    const entries = good.has(key) ? good : refusals;
    const entry = entries.get(key);
    if (entry === undefined || clock() >= entry.until) return undefined;
    // Taken out first: what was asked for last stands last.
    entries.delete(key);
    entries.set(key, entry);
    return entry.value;
  }

  function keep(key: string, kept: Kept<Value>): void {
    for (const entries of [good, refusals]) entries.delete(key);
    const [entries, max] = kept.isRefusal === true ? [refusals, maxRefusals] : [good, maxEntries];
    entries.set(key, kept);
    const [oldest] = entries.keys();
    if (entries.size > max && oldest !== undefined) entries.delete(oldest);
  }

  async function fetched(key: string, fetch: () => Promise<Kept<Value>>): Promise<Value> {
    const entry = await fetch();
    keep(key, entry);
    return entry.value;
  }

  async function renew(key: string, fetch: () => Promise<Kept<Value>>): Promise<Value | null> {
    const same = underWay.get(key);
    if (same !== undefined) return same;
    if (underWay.size >= maxAtOnce) return null;
    const work = fetched(key, fetch).finally(() => underWay.delete(key));
    underWay.set(key, work);
    return work;
  }

  return {
    peek,
    get: async (key, fetch) => peek(key) ?? renew(key, fetch),
    renew,
    keep,
  };
}

/**
 * How long an answer may be kept by its Cache-Control (RFC 9111 §5.2.2), in milliseconds, within these bounds; `usual` if
 * it says nothing.
 */
export function keptFor(
  cacheControl: string | undefined,
  { min, max, usual }: { min: number; max: number; usual: number },
): number {
  if (cacheControl === undefined) return usual;
  if (/\bno-(?:store|cache)\b/i.test(cacheControl)) return min;
  const [, seconds] = /\bmax-age="?(\d{1,10})/i.exec(cacheControl) ?? [];
  return seconds === undefined ? usual : Math.min(Math.max(Number(seconds) * 1000, min), max);
}
