/** What the processes of this suite say to each other, over Node's IPC. Moments are milliseconds since the epoch. */

/** Told to a guard. It answers once it has happened. */
export type ToGuard =
  /** Uses the token, again and again, until it is refused. */
  | { readonly until: "refused"; readonly token: string }
  /** Waits until it has heard of everything up to this place in the log. */
  | { readonly until: "seq"; readonly seq: number }
  /** Waits until it is connected. */
  | { readonly until: "ready" };

export interface Happened {
  readonly at: number;
}

/** More exact than `Date.now()`, and the same clock in all processes of the machine. */
export function moment(): number {
  return performance.timeOrigin + performance.now();
}
