/** What the processes of the suite tell each other. */
export interface ServerUsage {
  /** In bytes; the peak is since it was last asked. */
  readonly rss: number;
  readonly peakRss: number;
  /** CPU time since it began, of all threads. */
  readonly cpuSeconds: number;
}

export interface LoginDrive {
  readonly seconds: number;
  /** Logins that wait at any time; 0 for none. */
  readonly logins: number;
  /** Guarded requests a second; 0 for none. */
  readonly guardedPerSecond: number;
}

export interface LoginDriven {
  readonly seconds: number;
  readonly loggedIn: number;
  /** Answered 503. */
  readonly refused: number;
  /** Connections that were reset. */
  readonly cut: number;
  /** Of the guarded route, in milliseconds. */
  readonly guarded: { readonly count: number; readonly p50: number; readonly p99: number; readonly max: number };
}
