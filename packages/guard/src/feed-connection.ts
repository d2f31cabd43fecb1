/**
 * One connection to the revocation feed, from the request to its end: applies what comes, and says what it proves.
 * It owns the bookkeeping of one stream: what is gapless, whose clock it goes by, how long it may be silent. When to
 * open another, and what a proof is worth to the guard, is the follower's business.
 */
import type { RevocationEntry } from "@ostiary/protocol";
import { describeFailure } from "./describe-failure.ts";
import { readEvents, type ServerSentEvent } from "./event-stream.ts";
import { parseEntry, parseHeartbeat, parseSnapshot } from "./feed-frames.ts";
import { createAnchor } from "./freshness.ts";
import type { OpenStream, StreamResponse } from "./open-stream.ts";

export interface FeedConnectionOptions {
  readonly url: string;
  /** The value of the Authorization header. */
  readonly authorization: string;
  /** The last entry of a gapless past; undefined asks for the whole log. */
  readonly resumeAfter: number | undefined;
  readonly openStream: OpenStream;
  readonly apply: (entry: RevocationEntry) => void;
  /** Everything that had been revoked at the local time `asOf` is known. */
  readonly onProof: (asOf: number) => void;
  readonly monotonic: () => number;
  /** For the answer, and between two frames as long as it catches up; in milliseconds. */
  readonly patience: number;
  /** How long a live connection may be without a heartbeat, in milliseconds. */
  readonly maxSilence: number;
  /** Frames that are this much older than their arrival make it `spent`: a new connection may do better. In milliseconds. */
  readonly maxAge: number;
  /** A server that could not read its log for longer than this makes it `spent` as well. In milliseconds. */
  readonly maxBehind: number;
}

export interface FeedConnection {
  /** True when it has caught up with the log, false when it ended before. */
  readonly live: Promise<boolean>;
  /**
   * Why another connection is due: this one has ended, or it proves nothing any more. In the second case it goes on
   * applying what comes until it is closed.
   */
  readonly spent: Promise<FeedTrouble>;
  /** Live, and not ended. */
  isOpen(): boolean;
  /** The last entry before which none is missing; undefined when the whole log has to be asked for. */
  position(): number | undefined;
  close(): void;
}

/** What went wrong, as the rest of a sentence that begins with the feed. */
export class FeedTrouble extends Error {
  /** The credentials were refused: trying again soon is of no use. */
  readonly refused: boolean;
  /** When the server asks to be left alone. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, detail: { refused?: boolean; retryAfterSeconds?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: detail.cause });
    this.refused = detail.refused ?? false;
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }
}

/** How many entries may be ahead of one that is missing before it counts as lost. */
const MAX_AHEAD = 10_000;

/** How long a server is to be left alone that could not read its log from the start: most likely none can. In seconds. */
const PAUSE_WHEN_BEHIND = 10;

/** A connection that is late from the start is given this long before it is replaced; in milliseconds. */
const AGE_GRACE = 10_000;

export function openFeedConnection(options: FeedConnectionOptions): FeedConnection {
  const { monotonic } = options;
  const askedAt = monotonic();
  const anchor = createAnchor(askedAt);
  const ending = new AbortController();
  const live = Promise.withResolvers<boolean>();
  const spent = Promise.withResolvers<FeedTrouble>();

  let position = options.resumeAfter;
  /** Entries that came before one that is still missing. */
  const ahead = new Set<number>();
  let catchingUp = true;
  let ended = false;
  let liveSince = Infinity;
  let lastHeartbeat = 0;
  /** Whether this server has been seen to read its log. */
  let abreast = false;
  let watchdog = setTimeout(giveUp, options.patience).unref();

  function giveUp(): void {
    ending.abort(new FeedTrouble(catchingUp ? "did not answer in time" : "has fallen silent"));
  }

  async function read(): Promise<never> {
    const response = await options.openStream(options.url, {
      headers: {
        accept: "text/event-stream",
        // Whatever compresses on the way also gathers before it sends.
        "accept-encoding": "identity",
        "cache-control": "no-store",
        authorization: options.authorization,
        ...(position === undefined ? {} : { "last-event-id": String(position) }),
      },
      signal: ending.signal,
    });
    for await (const event of readEvents(acceptedBody(response))) {
      ending.signal.throwIfAborted();
      take(event);
    }
    throw new FeedTrouble("was ended by the server");
  }

  function take(event: ServerSentEvent): void {
    if (catchingUp) watchdog.refresh();
    if (event.type === "entry") takeEntry(parseEntry(event.data));
    else if (event.type === "heartbeat") takeHeartbeat(event.data);
    else if (event.type === "snapshot") takeSnapshot(event.data);
  }

  function takeSnapshot(data: string): void {
    const { seq, now, more, entries } = parseSnapshot(data);
    anchor(now, monotonic());
    // Of another log, perhaps, and of no use as a place to resume from before it is complete.
    position = undefined;
    for (const entry of entries) options.apply(entry);
    if (more) return;
    position = seq;
    advance();
    // It was read after we asked; how long after is not known.
    options.onProof(askedAt);
    caughtUp();
  }

  /** Applied in any order; only the place to resume from waits for what is missing. */
  function takeEntry(entry: RevocationEntry): void {
    options.apply(entry);
    if (position !== undefined && entry.seq <= position) return;
    ahead.add(entry.seq);
    if (ahead.size > MAX_AHEAD) throw new FeedTrouble("left an entry out");
    advance();
  }

  function advance(): void {
    while (position !== undefined && ahead.delete(position + 1)) position += 1;
  }

  function takeHeartbeat(data: string): void {
    const { seq, now, behind } = parseHeartbeat(data);
    watchdog.refresh();
    if (position === undefined) throw new FeedTrouble("sent a heartbeat before its snapshot was complete");
    if (seq > position) return missing();
    if (seq < lastHeartbeat) return startOver();
    lastHeartbeat = seq;
    const receivedAt = monotonic();
    const asOf = anchor(now, receivedAt);
    if (asOf === undefined) return spent.resolve(new FeedTrouble("came from a server whose clock was set"));
    caughtUp();
    options.onProof(asOf);
    const late = receivedAt - asOf > options.maxAge && receivedAt - liveSince > AGE_GRACE;
    if (late) spent.resolve(new FeedTrouble("arrives late"));
    if (behind * 1000 > options.maxBehind) leaveBehind();
    else abreast = true;
  }

  /** A proof all the same: where no server can read the log nobody can revoke, and guards are to go on. */
  function leaveBehind(): void {
    const retryAfterSeconds = abreast ? undefined : PAUSE_WHEN_BEHIND;
    spent.resolve(new FeedTrouble("comes from a server that cannot read its log", { retryAfterSeconds }));
  }

  function missing(): void {
    const trouble = new FeedTrouble("left an entry out");
    if (!catchingUp) return spent.resolve(trouble);
    // Numbers that were never given, or have expired, look like what was lost on the way: only the whole log can tell.
    position = undefined;
    throw trouble;
  }

  /** The log is shorter than it was: a backup was put back. Numbers that are known mean something else now. */
  function startOver(): never {
    position = undefined;
    throw new FeedTrouble("has gone back in its log");
  }

  function caughtUp(): void {
    if (!catchingUp) return;
    catchingUp = false;
    liveSince = monotonic();
    clearTimeout(watchdog);
    watchdog = setTimeout(giveUp, options.maxSilence).unref();
    live.resolve(true);
  }

  read().catch((error: unknown) => {
    ended = true;
    clearTimeout(watchdog);
    spent.resolve(toTrouble(ending.signal.aborted ? ending.signal.reason : error));
    live.resolve(false);
    ending.abort();
  });

  return {
    live: live.promise,
    spent: spent.promise,
    isOpen: () => !catchingUp && !ended,
    position: () => position,
    close: () => ending.abort(new FeedTrouble("was closed")),
  };
}

function acceptedBody({ status, headers, body }: StreamResponse): AsyncIterable<Uint8Array> {
  if (status === 401 || status === 403) {
    throw new FeedTrouble(`refused the guard's credentials with ${status}: check clientId and clientSecret`, { refused: true });
  }
  if (status !== 200) {
    const hint = status >= 300 && status < 400 ? " (redirects are not followed)" : "";
    throw new FeedTrouble(`answered ${status}${hint}`, { retryAfterSeconds: retryAfter(headers.get("retry-after")) });
  }
  if (!/^text\/event-stream\s*(;|$)/i.test(headers.get("content-type") ?? "")) {
    throw new FeedTrouble("did not answer with an event stream");
  }
  if (!/^(identity)?$/i.test(headers.get("content-encoding") ?? "")) throw new FeedTrouble("answered compressed");
  if (body === null) throw new FeedTrouble("answered with nothing");
  return body;
}

/** RFC 9110 §10.2.3; the form with a date would bring in wall clocks, and is passed over. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function toTrouble(error: unknown): FeedTrouble {
  if (error instanceof FeedTrouble) return error;
  // What we refuse to read says so itself; what the network says is put in our words.
  return new FeedTrouble(describeFailure(error).slice(0, 200), { cause: error });
}
