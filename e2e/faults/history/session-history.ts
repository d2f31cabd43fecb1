/**
 * What the logs say about one session. Clients see when they asked and when they were answered, not when the server
 * decided: so everything here is either certain or possible, and named so.
 */
import type { Operation, TokenMark } from "./operation.ts";

export type Refresh = Operation & { readonly presented: TokenMark };

export interface SessionHistory {
  readonly id: string;
  /** Everything that was asked with its tokens or answered with them, by the time of asking. */
  readonly operations: readonly Operation[];
  /** With tokens that it gave out. */
  readonly refreshes: readonly Refresh[];
  /** When the first answer arrived that says the session has ended. */
  readonly endAcknowledgedAt: number;
  /** When something was first asked that may have ended it. */
  readonly mayHaveEndedFrom: number;
  /** Whether the token was certainly retired for longer than the grace when it was presented, and by nobody forgiven. */
  readonly isLate: (refresh: Refresh) => boolean;
}

/** Clocks are read in whole milliseconds, by client and server. */
const MARGIN_MS = 5;

/** `operations` by the time of asking. */
export function sessionHistories(operations: readonly Operation[]): SessionHistory[] {
  const known = operations.filter(({ forged }) => !forged);
  const bySession = Map.groupBy(known, (operation) => operation.session ?? operation.received?.session ?? "");
  bySession.delete("");
  return [...bySession].map(([id, own]) => sessionHistory(id, own));
}

function sessionHistory(id: string, operations: Operation[]): SessionHistory {
  const refreshes = operations.filter((operation): operation is Refresh => operation.presented !== null);
  const presentedBy = Map.groupBy(refreshes, ({ presented }) => presented.generation);
  const top = Math.max(0, ...presentedBy.keys(), ...operations.map(({ received }) => received?.token?.generation ?? 0));
  /** By generation: when one newer than it was first asked with, and when it was first seen. */
  const newerAskedAt = suffixMinimum(top, (generation) =>
    minimum((presentedBy.get(generation) ?? []).filter(isNotRefused).map(({ start }) => start)),
  );
  const answers = Map.groupBy(operations, ({ received }) => received?.token?.generation ?? -1);
  const newerSeenAt = suffixMinimum(top, (generation) => minimum((answers.get(generation) ?? []).map(({ end }) => end)));

  /** Others that presented the same token. */
  const rivalsOf = (refresh: Refresh): Refresh[] =>
    (presentedBy.get(refresh.presented.generation) ?? []).filter((other) => other !== refresh);

  /** Whether the server may have found the token to be an old one, for which nothing speaks. */
  function mayBeLate(refresh: Refresh): boolean {
    const { presented, end, keyHash, graceSeconds } = refresh;
    const rivals = rivalsOf(refresh).filter((other) => isNotRefused(other) && other.start < end);
    const newer = newerAskedAt(presented.generation);
    const retiredFrom = Math.min(newer, ...rivals.map(({ start }) => start));
    if (end - retiredFrom <= graceSeconds * 1000) return false;
    const isRetry = keyHash !== null && newer > end && rivals.every((rival) => rival.keyHash === keyHash);
    return retiredFrom < end && !isRetry;
  }

  function isLate(refresh: Refresh): boolean {
    const { presented, start, keyHash, graceSeconds } = refresh;
    // A retry with a key, and a browser that is forgiven a lost answer, begin the grace anew.
    const rivals = rivalsOf(refresh);
    const renewing = rivals.filter((rival) => {
      const isRepeated = rivals.some((other) => other !== rival && other.keyHash === rival.keyHash);
      return rival.delivery === "cookie" || (rival.keyHash !== null && isRepeated);
    });
    if (renewing.some(({ outcome }) => outcome === "unknown")) return false;
    if (keyHash !== null && rivals.some((rival) => rival.keyHash === keyHash)) return false;
    const retiredBy = Math.max(newerSeenAt(presented.generation), ...renewing.map(({ end }) => end));
    return start - retiredBy > graceSeconds * 1000 + MARGIN_MS;
  }

  const ends = operations.filter(({ kind, outcome, reason }) =>
    kind === "logout" ? outcome === "ok" : reason === "refresh_token_reused",
  );
  const mayEnd = [
    ...operations.filter((operation) => operation.kind === "logout" && isNotRefused(operation)),
    ...refreshes.filter(mayBeLate),
  ];
  return {
    id,
    operations,
    refreshes,
    endAcknowledgedAt: minimum(ends.map(({ end }) => end)),
    mayHaveEndedFrom: minimum(mayEnd.map(({ start }) => start)),
    isLate,
  };
}

export function isNotRefused({ outcome }: Operation): boolean {
  return outcome !== "fail";
}

/** For each generation, the minimum over all above it. */
function suffixMinimum(top: number, of: (generation: number) => number): (generation: number) => number {
  const minima = Array.from({ length: top + 2 }, () => Infinity);
  for (let generation = top; generation >= 0; generation--) {
    minima[generation] = Math.min(of(generation + 1), minima[generation + 1] ?? Infinity);
  }
  return (generation) => minima[generation] ?? Infinity;
}

function minimum(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), Infinity);
}
