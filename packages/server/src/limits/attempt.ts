import { OstiaryError } from "../errors.ts";
import { tooManyAttempts, UNDER_WAY_SECONDS } from "./bucket.ts";
import type { Bucket } from "./bucket.ts";
import type { Line } from "./line.ts";

/** For tries under way to end, all in all; and between looks at what other replicas have done. */
const WAIT_MS = 10_000;
const LOOK_MS = 100;

/** A try that has room and is being made. One of the four is called, once. */
export interface Attempt {
  /** A right one counts against nobody. */
  succeeded(): Promise<void>;
  /** Tells what it has closed. */
  failed(): Promise<Closing[]>;
  /** It was not made after all. */
  withdrawn(): Promise<void>;
  /** Whoever made it left before the verdict: it counts where the work counts, and nowhere as a wrong one. */
  abandoned(): Promise<void>;
}

export interface Closing {
  readonly budget: string;
  readonly seconds: number;
}

/** One place where a try counts. */
export interface Charge {
  readonly name: string;
  readonly bucket: Bucket;
  readonly key: string;
  /** Whether a right try proves that the earlier ones were the owner's, too; else it is only not counted itself. */
  readonly clearedBySuccess: boolean;
  /** Whether a try that nobody waited for counts here. Default: no. */
  readonly countsAbandoned?: boolean;
  /** Called when the first try of a window has failed. */
  readonly onFirstFailure?: () => Promise<Closing[]>;
}

/**
 * Takes room for a try in all these places, or in none; only a wrong one is charged. Where nothing but tries under way
 * are in its way it waits for them, until `signal` says that nobody waits for it. Throws `too_many_attempts`, with the
 * longest wait.
 */
export async function enter(charges: readonly Charge[], line: Line, signal?: AbortSignal): Promise<Attempt> {
  const places = charges.map((one) => ({ ...one, place: `${one.name} ${one.key}` }));
  const keys = places.map(({ place }) => place);
  const isFull = (): boolean => places.some(({ bucket, place }) => line.pending(place) >= bucket.budget.tries);
  for (const deadline = performance.now() + WAIT_MS; ; ) {
    if (!isFull() && (await tryToEnter(charges, keys, line))) return attemptOf(charges, keys, line);
    if (performance.now() > deadline) throw tooManyAttempts((charges[0] as Charge).bucket.budget, UNDER_WAY_SECONDS);
    await line.wait(keys, LOOK_MS, signal);
    if (signal?.aborted) throw new OstiaryError("invalid_request", "The request was given up.");
  }
}

/** False if tries under way are in its way. */
async function tryToEnter(charges: readonly Charge[], keys: readonly string[], line: Line): Promise<boolean> {
  line.enter(keys);
  const settled = await Promise.allSettled(charges.map(({ bucket, key }) => bucket.enter(key)));
  const entered = charges.filter((_, i) => settled[i]?.status === "fulfilled" && settled[i].value);
  if (entered.length === charges.length) return true;
  line.leave(keys);
  const refusals = settled.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  await leaveAll(entered);
  if (refusals.length === 0) return false;
  // Those behind will be refused, too, and need not wait for it.
  line.letNextIn(keys);
  throw worst(refusals);
}

function attemptOf(charges: readonly Charge[], keys: readonly string[], line: Line): Attempt {
  const ending = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } finally {
      line.leave(keys);
      line.letNextIn(keys);
    }
  };
  return {
    succeeded: () => ending(settleRight(charges)),
    failed: () => ending(Promise.all(charges.map(fail)).then((closings) => closings.flat())),
    withdrawn: () => ending(leaveAll(charges)),
    abandoned: () => ending(settleAbandoned(charges)),
  };
}

async function leaveAll(charges: readonly Charge[]): Promise<void> {
  await Promise.all(charges.map(({ bucket, key }) => bucket.leave(key)));
}

async function settleRight(charges: readonly Charge[]): Promise<void> {
  const cleared = charges.filter(({ clearedBySuccess }) => clearedBySuccess);
  await Promise.all([leaveAll(charges), ...cleared.map(({ bucket, key }) => bucket.clear(key))]);
}

async function settleAbandoned(charges: readonly Charge[]): Promise<void> {
  await Promise.all(charges.map((one) => (one.countsAbandoned === true ? fail(one) : one.bucket.leave(one.key))));
}

async function fail({ name, bucket, key, onFirstFailure }: Charge): Promise<Closing[]> {
  const { isFirst, closedForSeconds: seconds } = await bucket.fail(key);
  const closed = seconds === null ? [] : [{ budget: name, seconds }];
  return isFirst && onFirstFailure !== undefined ? [...closed, ...(await onFirstFailure())] : closed;
}

/** A store that is down comes before any limit; of limits, the one that lasts longest. */
function worst(refusals: readonly unknown[]): unknown {
  const waits = (reason: unknown): number => {
    const { retryAfterSeconds, limit } = Object(reason) as { retryAfterSeconds?: number; limit?: object };
    return limit === undefined ? Infinity : (retryAfterSeconds ?? 0);
  };
  return refusals.toSorted((a, b) => waits(b) - waits(a))[0];
}
