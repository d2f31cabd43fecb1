/** Milliseconds since the epoch, like `Date.now`; passed to whatever tells the time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
