/** How far a follower is read ahead of while it catches up, in bytes. */
const READ_AHEAD = 64 * 1024;
/** What may wait for a follower that does not read, in bytes. Events are shared among followers, so it costs little. */
const MAX_WAITING = 4 * 1024 * 1024;
/** A follower that takes nothing of what waits for it for so many beats has gone without a word. */
const MAX_SILENT_BEATS = 30;

/** One follower's stream, with a bound on what waits in it. */
export interface FeedStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly ended: boolean;
  /** True while little is waiting. */
  readonly wantsMore: boolean;
  /** What waits for it to be read, in bytes. */
  readonly waiting: number;
  /** For how many beats it has taken nothing, though something waited. */
  readonly silentBeats: number;
  /** Cuts a follower off that has fallen too far behind. */
  send(frame: Uint8Array): void;
  /** Once a second: cuts a follower off that has stopped reading. */
  beat(): void;
  /** Ends it after what waits. */
  close(): void;
  /** Ends it at once: it comes back, and goes on from the last event it has. */
  cut(): void;
}

/**
 * `fill` is called whenever more can be taken, and not again before it is done. `onEnd` is called once, whoever ends the
 * stream. `disconnect` closes the connection below, where there is one: a stream alone waits for its reader.
 */
export function openFeedStream(options: {
  fill: () => Promise<void>;
  onEnd: () => void;
  disconnect?: (() => void) | undefined;
}): FeedStream {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let ended = false;
  let sent = 0;
  let taken = 0;
  let silentBeats = 0;
  const readable = new ReadableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      pull: options.fill,
      cancel: () => end(() => {}),
    },
    { highWaterMark: READ_AHEAD, size: ({ byteLength }) => byteLength },
  );

  function waiting(): number {
    return READ_AHEAD - (controller.desiredSize ?? READ_AHEAD);
  }

  function end(how: () => void): void {
    if (ended) return;
    ended = true;
    how();
    options.onEnd();
  }

  function cut(): void {
    end(() => {
      if (options.disconnect === undefined) controller.error(new Error("The follower was cut off."));
      else options.disconnect();
    });
  }

  return {
    readable,
    get ended() {
      return ended;
    },
    get wantsMore() {
      return !ended && waiting() < READ_AHEAD;
    },
    get waiting() {
      return ended ? 0 : waiting();
    },
    get silentBeats() {
      return silentBeats;
    },
    send(frame) {
      if (ended) return;
      controller.enqueue(frame);
      sent += frame.byteLength;
      if (waiting() > MAX_WAITING) cut();
    },
    beat() {
      if (ended) return;
      const takenNow = sent - waiting();
      silentBeats = waiting() === 0 || takenNow > taken ? 0 : silentBeats + 1;
      taken = takenNow;
      if (silentBeats > MAX_SILENT_BEATS) cut();
    },
    close: () => end(() => controller.close()),
    cut,
  };
}
