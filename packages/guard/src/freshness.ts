/**
 * How old the knowledge of revocations is, reckoned from when we asked and never from when an answer arrived.
 *
 * All local times are milliseconds of a monotonic clock: what wall clocks say, here or there, is never compared. Of the
 * server's clock only differences are used, and those only within one connection. What is left: a server's clock that is
 * set ahead while frames are delayed by as much looks like a faster network, until the connection is renewed.
 */

/**
 * Gives the local time as of which a frame proves the state of the log; undefined when the server's clock was set
 * since the connection's first frame, so that this connection can prove nothing any more.
 */
export type Anchor = (serverSeconds: number, receivedAt: number) => number | undefined;

/**
 * What may look like a server's clock being set, and is none: whole seconds for times, and an hour's drift. In ms.
 * It is also how far behind this may hide that the server is, no more: nothing is trusted beyond its arrival.
 */
const TOLERANCE = 1000;

/**
 * Ties a connection's server times to local time. Its first frame, of server time s0, was sent after we asked at
 * `askedAt`; so one of server time s was sent at `askedAt + (s - s0)` or later, however long it was on its way.
 */
export function createAnchor(askedAt: number): Anchor {
  let first: number | undefined;
  let last = -Infinity;
  return (serverSeconds, receivedAt) => {
    first ??= serverSeconds;
    const sentAt = askedAt + (serverSeconds - first) * 1000;
    // Time does not go backwards on one connection, and nothing arrives before it was sent.
    if (serverSeconds < last || sentAt > receivedAt + TOLERANCE) return undefined;
    last = serverSeconds;
    return Math.min(sentAt, receivedAt);
  };
}

export interface Freshness {
  /** The state of the log as of `time` is known. Proofs may come in any order; the newest counts. */
  prove(time: number): void;
  /** One comparison: asked for every request. */
  readonly isFresh: () => boolean;
  /** When it will have become stale, if nothing is proven until then; -Infinity before the first proof. */
  staleAt(): number;
  /** In seconds; null before the first proof. */
  staleness(): number | null;
}

export function createFreshness(monotonic: () => number, maxStalenessSeconds: number): Freshness {
  const limit = maxStalenessSeconds * 1000;
  let staleAt = -Infinity;
  return {
    // Not a flag that a timer takes down: after the event loop was blocked, or the process stopped, requests that have
    // waited may be served before any timer.
    isFresh: () => monotonic() < staleAt,
    prove(time) {
      staleAt = Math.max(staleAt, time + limit);
    },
    staleAt: () => staleAt,
    staleness: () => (staleAt === -Infinity ? null : Math.max(0, monotonic() - (staleAt - limit)) / 1000),
  };
}
