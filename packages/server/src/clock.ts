/** Milliseconds since the epoch, like `Date.now`; passed to whatever tells the time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** By how much another issuer's clock may be behind ours. */
export const FOREIGN_CLOCK_MS = 30_000;

/** Starts at the present time of `clock`, and is never set: differences between its times are true. */
export function steadyClock(clock: Clock): Clock {
  const began = clock() - performance.now();
  return () => began + performance.now();
}

export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
