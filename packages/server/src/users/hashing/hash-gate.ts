/**
 * Hashing: what passwords are stored as, and the threads that compute it.
 * Owns the formats of hashes, ours and those from elsewhere, and the gate: only so many at once, only so many waiting.
 * Knows nothing of who may have which password.
 */
import { availableParallelism } from "node:os";
import { OstiaryError } from "../../errors.ts";
import { startHashThread } from "./start-hash-thread.ts";
import type { HashAnswer, HashJob, HashThread } from "./start-hash-thread.ts";

export interface HashGate {
  /**
   * Does the job on a thread of its own, after those that came before. Throws `unavailable` with the reason `overloaded`
   * if too many wait; leaves the queue when `signal` says that nobody waits for the answer any more.
   */
  run(job: HashJob, signal?: AbortSignal): Promise<HashAnswer>;
  /** Throws the same before anything else is done for a job that there is no room for. */
  ensureRoom(): void;
  load(): { readonly running: number; readonly waiting: number };
}

/** At some 40 ms a hash, the last in the queue waits four seconds. */
const WAITING_PER_THREAD = 100;
/** One that it works on and one to go on with: no thread waits for the event loop to hand it the next. */
const IN_HAND = 2;
/** Before there is a measurement. */
const ASSUMED_MS = 40;

interface Waiting {
  readonly job: HashJob;
  begin(thread: HashThread): void;
}

export function createHashGate({
  threads: most,
  inHand = 1,
  maxWaiting = WAITING_PER_THREAD * most,
  start = startHashThread,
}: {
  threads: number;
  /** How many jobs each thread is given at a time; it does them one after the other. */
  inHand?: number;
  maxWaiting?: number;
  start?: () => HashThread;
}): HashGate {
  const threads = new Map<HashThread, number>();
  const waiting = new Set<Waiting>();
  let running = 0;
  let usualMs = ASSUMED_MS;

  /** Sets are in order: whoever leaves does so without a search, and the rest stay in line. */
  function admitNext(): void {
    if (running >= most * inHand) return;
    const [next] = waiting;
    if (next === undefined) return;
    waiting.delete(next);
    running++;
    next.begin(leastBusy());
  }

  function leastBusy(): HashThread {
    const [first] = [...threads].toSorted(([, jobs], [, others]) => jobs - others);
    return first === undefined || (first[1] > 0 && threads.size < most) ? start() : first[0];
  }

  async function carryOut(thread: HashThread, job: HashJob): Promise<HashAnswer> {
    const began = performance.now();
    threads.set(thread, (threads.get(thread) ?? 0) + 1);
    try {
      const answer = await thread.run(job);
      usualMs += (performance.now() - began - usualMs) / 10;
      // Unless another of its jobs has broken it meanwhile.
      if (threads.has(thread)) threads.set(thread, (threads.get(thread) ?? 1) - 1);
      return answer;
    } catch (error) {
      threads.delete(thread);
      throw error;
    } finally {
      running--;
      admitNext();
    }
  }

  function ensureRoom(): void {
    if (running < most * inHand || waiting.size < maxWaiting) return;
    throw overloaded(Math.ceil((waiting.size * usualMs) / (most * inHand) / 1000));
  }

  return {
    ensureRoom,
    async run(job, signal) {
      if (signal?.aborted) throw abandoned();
      ensureRoom();
      const { promise, resolve, reject } = Promise.withResolvers<HashAnswer>();
      const entry: Waiting = {
        job,
        begin(thread) {
          signal?.removeEventListener("abort", leave);
          carryOut(thread, job).then(resolve, reject);
        },
      };
      const leave = (): void => {
        if (waiting.delete(entry)) reject(abandoned());
      };
      signal?.addEventListener("abort", leave, { once: true });
      waiting.add(entry);
      admitNext();
      return promise;
    },
    load: () => ({ running, waiting: waiting.size }),
  };
}

let ofProcess: HashGate | undefined;

/** One for all servers in the process: its cores are the same. One core is left to the event loop. */
export function processHashGate(): HashGate {
  ofProcess ??= createHashGate({ threads: Math.max(1, availableParallelism() - 1), inHand: IN_HAND });
  return ofProcess;
}

function overloaded(retryAfterSeconds: number): OstiaryError {
  return new OstiaryError("unavailable", "Too many passwords are being checked. Try again shortly.", {
    reason: "overloaded",
    retryAfterSeconds: Math.max(1, retryAfterSeconds),
  });
}

/** There is nobody left to read it. */
function abandoned(): OstiaryError {
  return new OstiaryError("invalid_request", "The request was given up.");
}
