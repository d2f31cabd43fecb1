import type { KeySet } from "@ostiary/jwt";

/** Where a guard has its keys from. */
export interface KeySource {
  /** The keys that are trusted now. Never waits, never throws. */
  current(): KeySet;
  /**
   * A token names a key that `current` lacks: learn more, if that is due. Resolves with true when there are other
   * keys now. Throws a `GuardError` (503) when there are no keys at all.
   */
  lookFurther(): Promise<boolean>;
  /** Resolves when there are keys; rejects when closed before. */
  ready(): Promise<void>;
  status(): KeyStatus;
  close(): void;
}

export interface KeyStatus {
  /** How many keys are trusted now. */
  readonly count: number;
  /** When they were fetched, in ISO 8601; null when they were given, or are not there yet. */
  readonly fetchedAt: string | null;
  /** Why the last fetch failed; null when it did not. */
  readonly lastError: string | null;
}

/** Keys that are already here: given as an option, or held by an auth server in the same process. */
export function localKeys(keys: () => KeySet): KeySource {
  return {
    current: keys,
    lookFurther: () => Promise.resolve(false),
    ready: () => Promise.resolve(),
    status: () => ({ count: keys().size, fetchedAt: null, lastError: null }),
    close: () => {},
  };
}
