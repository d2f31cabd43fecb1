import type { User } from "@ostiary/protocol";

/** Why nobody is signed in, or why a session cannot be refreshed at the moment (`offline`, which ends nothing). */
export type AuthReason = "signed_out" | "session_revoked" | "refresh_token_reused" | "expired" | "offline";

/** What an app shows. The same object until something in it changes, as `useSyncExternalStore` wants it. */
export type AuthSnapshot<Person = User> =
  | { readonly status: "restoring"; readonly user: null; readonly reason: "offline" | null }
  | { readonly status: "signed_in"; readonly user: Person; readonly reason: "offline" | null }
  | { readonly status: "signed_out"; readonly user: null; readonly reason: Exclude<AuthReason, "offline"> | null };

export interface Tokens<Person = User> {
  readonly accessToken: string;
  /** By this machine's clock, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When to refresh, ahead of that. */
  readonly refreshAt: number;
  /** From when on it is not worth sending: a request takes its time as well. */
  readonly urgentAt: number;
  /** The same for the whole session, so it also tells sessions apart. */
  readonly csrfToken: string;
  readonly user: Person;
}

/** A sign-in, a refresh, or the end of a session. */
export interface Change<Person = User> {
  /** When the request that brought it was sent: what was asked later is what counts. */
  readonly at: number;
  readonly tokens: Tokens<Person> | null;
  readonly reason: Exclude<AuthReason, "offline"> | null;
}

/** What a server renders, and every page starts with. */
export const RESTORING: AuthSnapshot<never> = Object.freeze({ status: "restoring", user: null, reason: null });

/** The one state of a client: tokens, in memory only, and the snapshot. Asks nobody anything. */
export interface Session<Person> {
  readonly tokens: () => Tokens<Person> | null;
  readonly snapshot: () => AuthSnapshot<Person>;
  /** How many changes were applied: whoever waits for something sees whether it has come. */
  readonly version: () => number;
  /** Returns false, and changes nothing, if something that was asked later is known already. */
  readonly apply: (change: Change<Person>) => boolean;
  /** Tells, or no longer tells, that the session cannot be refreshed. */
  readonly setOffline: (isOffline: boolean) => void;
  /** Called after each change of the snapshot; returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Called after each change of the tokens as well. */
  readonly watch: (listener: () => void) => () => void;
}

export function createSession<Person>(now: () => number): Session<Person> {
  let tokens: Tokens<Person> | null = null;
  let snapshot: AuthSnapshot<Person> = RESTORING;
  let changedAt = 0;
  let version = 0;
  const subscribers = new Set<() => void>();
  const watchers = new Set<() => void>();

  function show(next: AuthSnapshot<Person>): void {
    if (JSON.stringify(next) === JSON.stringify(snapshot)) return;
    snapshot = Object.freeze(next);
    for (const listener of subscribers) listener();
  }

  return {
    tokens: () => tokens,
    snapshot: () => snapshot,
    version: () => version,
    apply(change) {
      // A clock that was set back must not make everything that follows look old.
      if (change.at < changedAt && changedAt <= now()) return false;
      ({ at: changedAt, tokens } = change);
      version++;
      if (tokens === null) show({ status: "signed_out", user: null, reason: change.reason });
      else show({ status: "signed_in", user: tokens.user, reason: null });
      for (const listener of watchers) listener();
      return true;
    },
    setOffline(isOffline) {
      const reason = isOffline ? "offline" : null;
      if (snapshot.status !== "signed_out") show({ ...snapshot, reason });
    },
    subscribe: (listener) => join(subscribers, listener),
    watch: (listener) => join(watchers, listener),
  };
}

function join(listeners: Set<() => void>, listener: () => void): () => void {
  // Its own entry, so that the same function can subscribe twice.
  const entry = (): void => listener();
  listeners.add(entry);
  return () => void listeners.delete(entry);
}
