/**
 * Follows the revocation feed of an auth server for as long as the guard lives: fills the revocation set, and knows how
 * old that knowledge is. It owns when to connect, when to connect again and when to leave it. What one connection is
 * worth is reckoned in `feed-connection`; what a guard does with old knowledge is decided in `followed-revocations`.
 */
import { REVOCATION_FEED_PATH } from "@ostiary/protocol";
import { openFeedConnection, type FeedConnection, type FeedTrouble } from "./feed-connection.ts";
import { createFreshness } from "./freshness.ts";
import type { OpenStream } from "./open-stream.ts";
import type { RevocationSet } from "./revocation-set.ts";

export interface RevocationFollowerOptions {
  readonly issuer: string;
  /** The value of the Authorization header. */
  readonly authorization: string;
  readonly maxStalenessSeconds: number;
  /** For the connection, its answer, and each part of the log while it catches up. */
  readonly timeoutSeconds: number;
  readonly set: RevocationSet;
  readonly openStream: OpenStream;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic: () => number;
  /** From 0 to 1, like `Math.random`. */
  readonly random: () => number;
  /** It is known again what has been revoked. */
  readonly onFresh: () => void;
  /** A connection failed or was lost. */
  readonly onTrouble: (trouble: FeedTrouble) => void;
}

export interface RevocationFollower {
  /** Whether what the set says is young enough to go by. One comparison. */
  readonly isFresh: () => boolean;
  /** When that will be over, on the monotonic clock, if nothing more is heard; -Infinity before the first snapshot. */
  staleAt(): number;
  /** In seconds; null before the first snapshot. */
  staleness(): number | null;
  /** The place in the log that is known without a gap; null before the first snapshot. */
  seq(): number | null;
  isConnected(): boolean;
  /** Resolves when the first try is over, whatever came of it. */
  readonly tried: Promise<void>;
  /** Resolves with the first complete snapshot; rejects when the credentials are refused or the follower is closed. */
  ready(): Promise<void>;
  close(): void;
}

/** Without a heartbeat for this long a connection counts as dead; for short limits half of the limit. In ms. */
const MAX_SILENCE = 2500;
/** A heartbeat comes each second, so less would cut healthy connections. In ms. */
const MIN_SILENCE = 1500;

/** A healthy server reads its log each second. In ms. */
const MIN_BEHIND = 2000;

/** Drawn anew for each wait between 0 and a ceiling that doubles, so that a thousand guards do not come at once. In ms. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;
/** How long a server that asks for it is left alone, at most; in seconds. */
const MAX_RETRY_AFTER = 30;
/** Refused credentials seldom get better by themselves; in ms. */
const PAUSE_AFTER_REFUSAL = 60_000;

/** A connection that held this long starts the back-off anew; in ms. */
const STABLE_AFTER = 10_000;

/** How long one connection is used: clocks drift apart, and new replicas want their share. Half to once and a half. In ms. */
const LIFETIME = 3_600_000;

export function followRevocations(options: RevocationFollowerOptions): RevocationFollower {
  const { monotonic, random, set } = options;
  const limit = options.maxStalenessSeconds * 1000;
  const freshness = createFreshness(monotonic, options.maxStalenessSeconds);
  const tried = Promise.withResolvers<void>();
  let readiness = pending();
  let refused = false;

  /** The one that counts; its successor takes over only when it has caught up, so that changing costs no freshness. */
  let current: FeedConnection | undefined;
  let latest: FeedConnection | undefined;
  let failures = 0;
  let closed = false;
  let pausing: NodeJS.Timeout | undefined;

  function connect(): FeedConnection {
    latest = openFeedConnection({
      url: `${options.issuer.replace(/\/$/, "")}${REVOCATION_FEED_PATH}`,
      authorization: options.authorization,
      resumeAfter: resumeAfter(),
      openStream: options.openStream,
      apply: (entry) => set.apply(entry),
      onProof,
      monotonic,
      patience: options.timeoutSeconds * 1000,
      maxSilence: Math.max(MIN_SILENCE, Math.min(MAX_SILENCE, limit / 2)),
      maxAge: limit / 2,
      maxBehind: Math.max(MIN_BEHIND, limit / 2),
    });
    return latest;
  }

  /** From the whole log if the last try found that nothing less will do, although an older connection may still be open. */
  function resumeAfter(): number | undefined {
    return latest?.position() === undefined ? undefined : position();
  }

  /** An open connection knows best; after that, whichever was last tried. */
  function position(): number | undefined {
    return (current?.isOpen() ? current : latest)?.position();
  }

  function onProof(asOf: number): void {
    if (closed) return;
    freshness.prove(asOf);
    if (freshness.isFresh()) options.onFresh();
  }

  async function follow(): Promise<void> {
    for (;;) {
      const connection = connect();
      if (await connection.live) {
        current?.close();
        current = connection;
        noteRefusal(false);
        readiness.resolve();
      }
      tried.resolve();
      const liveAt = monotonic();
      const trouble = await lifeOf(connection);
      if (closed) return;
      if (trouble === undefined) continue;
      if (monotonic() - liveAt >= STABLE_AFTER) failures = 0;
      noteRefusal(trouble.refused);
      if (refused) readiness.reject(new Error(`The revocation feed of ${options.issuer} ${trouble.message}`));
      options.onTrouble(trouble);
      await pause(trouble);
      failures += 1;
    }
  }

  /** Who asked while the credentials were refused has been told so; who asks afterwards may wait again. */
  function noteRefusal(now: boolean): void {
    if (refused && !now) readiness = pending();
    refused = now;
  }

  /** Until another connection is due: because of a trouble, or just because it has been long enough. */
  async function lifeOf(connection: FeedConnection): Promise<FeedTrouble | undefined> {
    const renewal = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => renewal.resolve(undefined), LIFETIME * (0.5 + random())).unref();
    try {
      return await Promise.race([connection.spent, renewal.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function pause({ retryAfterSeconds = 0 }: FeedTrouble): Promise<void> {
    const backOff = random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
    const asked = Math.min(retryAfterSeconds, MAX_RETRY_AFTER) * 1000;
    const milliseconds = refused ? PAUSE_AFTER_REFUSAL * (0.75 + random() / 2) : asked + backOff;
    await new Promise<void>((resolve) => {
      pausing = setTimeout(resolve, milliseconds).unref();
    });
  }

  void follow();

  return {
    isFresh: freshness.isFresh,
    staleAt: () => freshness.staleAt(),
    staleness: () => freshness.staleness(),
    seq: () => position() ?? null,
    isConnected: () => current?.isOpen() ?? false,
    tried: tried.promise,
    ready: () => readiness.promise,
    close() {
      closed = true;
      clearTimeout(pausing);
      current?.close();
      latest?.close();
      tried.resolve();
      readiness.reject(new Error("The guard is closed"));
    },
  };
}

/** A promise that nobody has to wait for. */
function pending(): PromiseWithResolvers<void> {
  const state = Promise.withResolvers<void>();
  state.promise.catch(() => {});
  return state;
}
