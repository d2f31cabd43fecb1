import type { Bucket, Taken } from "./bucket.ts";

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

/** Charges a try in all these places, or in none. Throws `too_many_attempts`, with the longest wait. */
export async function charge(charges: readonly Charge[]): Promise<Attempt> {
  const settled = await Promise.allSettled(charges.map(({ bucket, key }) => bucket.take(key)));
  const taken = charges.flatMap((one, i) => {
    const result = settled[i];
    return result?.status === "fulfilled" ? [{ ...one, ...result.value }] : [];
  });
  const withdraw = async (): Promise<void> => {
    await Promise.all(taken.map(({ bucket, key }) => bucket.giveBack(key)));
  };
  if (taken.length < charges.length) {
    await withdraw();
    throw worst(settled);
  }
  return {
    async succeeded() {
      await Promise.all(taken.map(({ bucket, key, clearedBySuccess }) => (clearedBySuccess ? bucket.clear(key) : bucket.giveBack(key))));
    },
    async failed() {
      return (await Promise.all(taken.map(afterFailure))).flat();
    },
    withdrawn: withdraw,
  };
}

async function afterFailure({ name, bucket, key, isFirst, isLast, onFirstFailure }: Charge & Taken): Promise<Closing[]> {
  const closed = isLast ? [{ budget: name, seconds: await bucket.close(key) }] : [];
  return isFirst && onFirstFailure !== undefined ? [...closed, ...(await onFirstFailure())] : closed;
}

/** A store that is down comes before any limit; of limits, the one that lasts longest. */
function worst(settled: readonly PromiseSettledResult<Taken>[]): unknown {
  const reasons = settled.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  const waits = (reason: unknown): number => {
    const { retryAfterSeconds, limit } = Object(reason) as { retryAfterSeconds?: number; limit?: object };
    return limit === undefined ? Infinity : (retryAfterSeconds ?? 0);
  };
  return reasons.toSorted((a, b) => waits(b) - waits(a))[0];
}
