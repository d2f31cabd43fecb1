import { tooManyAttempts } from "./bucket.ts";
import type { Bucket, Taken } from "./bucket.ts";
import type { Line } from "./line.ts";

/** For tries under way to end, all in all; and between looks at what other replicas have done. */
const WAIT_MS = 5000;
const LOOK_MS = 100;
/** What is told after that: a replica that was killed amid tries leaves them charged until their window is over. */
const STUCK_SECONDS = 30;

/** A try that has been charged and is being made. One of the three is called, once. */
export interface Attempt {
  /** A right one counts against nobody. */
  succeeded(): Promise<void>;
  /** Tells what it has closed. */
  failed(): Promise<Closing[]>;
  /** It was not made after all. */
  withdrawn(): Promise<void>;
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
  /** Called when the first try of a window has failed. */
  readonly onFirstFailure?: () => Promise<Closing[]>;
}

/**
 * Charges a try in all these places, or in none. Where only tries under way are in its way it waits for them. Throws
 * `too_many_attempts`, with the longest wait.
 */
export async function charge(charges: readonly Charge[], line: Line): Promise<Attempt> {
  const places = charges.map((one) => ({ ...one, place: `${one.name} ${one.key}` }));
  const keys = places.map(({ place }) => place);
  const isFull = (): boolean => places.some(({ bucket, place }) => line.pending(place) >= bucket.budget.tries);
  for (const deadline = performance.now() + WAIT_MS; ; ) {
    const taken = isFull() ? null : await tryToCharge(charges, keys, line);
    if (taken !== null) return attemptOf(taken, keys, line);
    if (performance.now() > deadline) throw tooManyAttempts((charges[0] as Charge).bucket.budget, STUCK_SECONDS);
    await line.wait(keys, LOOK_MS);
  }
}

type TakenCharge = Charge & Taken;

/** Null if tries under way are in its way. */
async function tryToCharge(charges: readonly Charge[], keys: readonly string[], line: Line): Promise<TakenCharge[] | null> {
  line.enter(keys);
  const settled = await Promise.allSettled(charges.map(({ bucket, key }) => bucket.take(key)));
  const taken = charges.flatMap((one, i) => {
    const result = settled[i];
    return result?.status === "fulfilled" && result.value !== null ? [{ ...one, ...result.value }] : [];
  });
  if (taken.length === charges.length) return taken;
  line.leave(keys);
  await giveBackAll(taken);
  const refusals = settled.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  if (refusals.length === 0) return null;
  // Those behind will be refused, too, and need not wait for it.
  line.letNextIn(keys);
  throw worst(refusals);
}

function attemptOf(taken: readonly TakenCharge[], keys: readonly string[], line: Line): Attempt {
  const ending = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } finally {
      line.leave(keys);
      line.letNextIn(keys);
    }
  };
  return {
    succeeded: () => ending(settleRight(taken)),
    failed: () => ending(Promise.all(taken.map(afterFailure)).then((closings) => closings.flat())),
    withdrawn: () => ending(giveBackAll(taken)),
  };
}

async function giveBackAll(taken: readonly TakenCharge[]): Promise<void> {
  await Promise.all(taken.map(({ bucket, key }) => bucket.giveBack(key)));
}

async function settleRight(taken: readonly TakenCharge[]): Promise<void> {
  await Promise.all(taken.map(({ bucket, key, clearedBySuccess }) => (clearedBySuccess ? bucket.clear(key) : bucket.giveBack(key))));
}

async function afterFailure({ name, bucket, key, isFirst, isLast, onFirstFailure }: TakenCharge): Promise<Closing[]> {
  const closed = isLast ? [{ budget: name, seconds: await bucket.close(key) }] : [];
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
