/**
 * The feed: what followers are sent, in which order, and when they are cut off. Owns where each of them is in the log.
 * What waits in a follower's stream is `feed-stream`'s business, where entries come from `revocations`'.
 */
import { HEARTBEAT_SECONDS } from "@ostiary/protocol";
import type { RevocationEntry } from "@ostiary/protocol";
import type { Client } from "../clients/client.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import { entryFrame, heartbeatFrame, snapshotFrame } from "./feed-frames.ts";
import { openFeedStream } from "./feed-stream.ts";
import type { FeedStream } from "./feed-stream.ts";
import { createRecentEntries } from "./recent-entries.ts";
import type { RevocationStore } from "./revocation-store.ts";
import type { RevocationSink } from "./revocations.ts";

const KEPT_ENTRIES = 10_000;
/** In seconds. The log is read each second, and a slow reading is none that fails. */
const TOLD_BEHIND = 2;
/** Entries in a part of a snapshot, and how near to the end of the log a follower must be to go live. */
const ENTRIES_A_PART = 1000;

export interface FeedOptions {
  /** Whom it is for: when that client is no more, the stream ends. */
  readonly client: Client;
  /** The last event the follower has; null for one that has none. */
  readonly after: number | null;
  /** Closes the connection. */
  readonly disconnect?: (() => void) | undefined;
}

/** The log's way to guards in other processes. Entries are applied to it in the log's order, each once. */
export interface RevocationFeed extends RevocationSink {
  /**
   * The events for one follower: what it lacks, then what comes, and heartbeats. Ends when the reader goes, or is cut
   * off. Throws `unavailable` when the feed has ended, or needs the store and it does not answer.
   */
  open(options: FeedOptions): Promise<ReadableStream<Uint8Array>>;
  /** How many there are. */
  readonly followers: number;
  /** Each of them, and how well it follows. */
  connections(): FeedConnection[];
  /** A heartbeat for everyone. Done once a second by itself. */
  beat(): void;
  /** Whom they are for, as they were when they came. */
  clients(): Iterable<Client>;
  /** Cuts off those who came as a client of which this is true. */
  cutWhere(isGone: (client: Client) => boolean): void;
  /** Ends all streams, and opens no more. */
  end(): void;
}

/** One follower, as seen from here: what has left this process counts as taken. */
export interface FeedConnection {
  readonly client: Client;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** False while it is still sent what it lacked. */
  readonly live: boolean;
  /** For how long it has taken nothing of what waits for it. */
  readonly silentSeconds: number;
  readonly waitingBytes: number;
}

interface Follower {
  readonly client: Client;
  readonly since: number;
  readonly stream: FeedStream;
  readonly position: Position;
  /** Whether it has all there is, and gets what comes. */
  live: boolean;
}

/** Where in the log a follower is that catches up. */
interface Position {
  /** It has been sent every entry up to here. */
  seq: number;
  /** Where its snapshot is to reach to; null when it has one. */
  snapshotTo: number | null;
}

export function createRevocationFeed(options: {
  store: Pick<RevocationStore, "entriesAfter">;
  clock: Clock;
  /** What followers are told the time by: they reckon from it how late its events come. */
  steadyClock: Clock;
  /** For how many seconds the log could not be read. Default: it always can. */
  secondsBehind?: () => number;
  /** How many entries are kept in memory. Default 10,000. */
  keptEntries?: number;
}): RevocationFeed {
  const { store, clock, steadyClock } = options;
  const recent = createRecentEntries(options.keptEntries ?? KEPT_ENTRIES);
  const followers = new Set<Follower>();
  /** Entries on their way to whoever is live: those of one turn go out as one write. */
  let outgoing: Uint8Array[] = [];
  let seq = 0;
  let ended = false;

  const now = (): number => steadyClock() / 1000;

  function heartbeat(): Uint8Array {
    const behind = Math.round(options.secondsBehind?.() ?? 0);
    return heartbeatFrame({ seq, now: now(), ...(behind >= TOLD_BEHIND ? { behind } : {}) });
  }

  function sendToLive(frame: Uint8Array): void {
    for (const { live, stream } of followers) if (live) stream.send(frame);
  }

  function flush(): void {
    const frames = outgoing;
    outgoing = [];
    const [only] = frames;
    if (only !== undefined) sendToLive(frames.length === 1 ? only : Buffer.concat(frames));
  }

  /** In one go, so that no entry can come between the last that it lacks and the first that it is told of. */
  function goLive(follower: Follower): boolean {
    const { position, stream } = follower;
    if (position.snapshotTo !== null || position.seq < recent.since) return false;
    const missed = recent.after(position.seq, ENTRIES_A_PART + 1);
    if (missed.length > ENTRIES_A_PART) return false;
    flush();
    for (const { frame } of missed) stream.send(frame);
    stream.send(heartbeat());
    follower.live = true;
    return true;
  }

  /** The next events of a follower that catches up; moves its position past them. */
  async function nextPart(position: Position): Promise<Uint8Array[]> {
    // As of before the reading: of what is appended meanwhile, the store may show any part.
    const to = position.snapshotTo ?? seq;
    const found =
      position.seq < recent.since
        ? await store.entriesAfter(position.seq, ENTRIES_A_PART)
        : recent.after(position.seq, ENTRIES_A_PART).map(({ entry }) => entry);
    const entries = found.filter((entry) => entry.seq <= to);
    const more = found.length === ENTRIES_A_PART && entries.length === found.length;
    position.seq = more ? (entries.at(-1)?.seq ?? to) : to;
    if (position.snapshotTo === null) return entries.map(entryFrame);
    if (!more) position.snapshotTo = null;
    return [snapshotFrame({ seq: to, now: now(), more, entries: entries.filter(isCurrent) })];
  }

  function isCurrent({ expiresAt }: RevocationEntry): boolean {
    return expiresAt * 1000 > clock();
  }

  async function fill(follower: Follower): Promise<void> {
    const { stream, position } = follower;
    // Whoever is live is told of everything anyway: not to be asked again.
    if (follower.live) return new Promise(() => {});
    while (stream.wantsMore && !goLive(follower)) {
      try {
        (await nextPart(position)).forEach((frame) => stream.send(frame));
      } catch {
        // The store has failed in the middle: it comes back, and is told so.
        stream.cut();
      }
    }
  }

  function beat(): void {
    flush();
    sendToLive(heartbeat());
    for (const { stream } of followers) stream.beat();
  }

  const timer = setInterval(beat, HEARTBEAT_SECONDS * 1000);
  timer.unref();

  return {
    async open({ client, after, disconnect }) {
      const knows = after !== null && after <= seq;
      const position: Position = knows ? { seq: after, snapshotTo: null } : { seq: 0, snapshotTo: seq };
      // Before there is a stream, so that a store that is down is an answer.
      const first = knows && after >= recent.since ? [] : await nextPart(position);
      if (ended) throw new OstiaryError("unavailable", "The server is stopping.", { retryAfterSeconds: 1 });
      const stream = openFeedStream({
        fill: () => fill(follower),
        onEnd: () => followers.delete(follower),
        disconnect,
      });
      const follower: Follower = { client, since: clock(), stream, position, live: false };
      followers.add(follower);
      first.forEach((frame) => stream.send(frame));
      return stream.readable;
    },
    apply(entry) {
      seq = entry.seq;
      const added = recent.add(entry);
      if (followers.size === 0) return;
      if (outgoing.length === 0) queueMicrotask(flush);
      outgoing.push(added.frame);
    },
    get followers() {
      return followers.size;
    },
    connections: () =>
      Array.from(followers, ({ client, since, live, stream }) => ({
        client,
        since,
        live,
        silentSeconds: stream.silentBeats * HEARTBEAT_SECONDS,
        waitingBytes: stream.waiting,
      })),
    beat,
    clients: () => Array.from(followers, ({ client }) => client),
    cutWhere(isGone) {
      for (const { client, stream } of followers) if (isGone(client)) stream.cut();
    },
    end() {
      ended = true;
      clearInterval(timer);
      flush();
      for (const { stream } of followers) stream.close();
    },
  };
}
