/** What the processes of a suite say to each other, over Node's IPC. */

/** Asked of a server: what it has used so far. */
export interface Usage {
  /** CPU microseconds, of all its threads. */
  readonly cpuMicroseconds: number;
  /** Bytes, after a garbage collection. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Told to a load generator: ask for so long. */
export interface Drive {
  readonly seconds: number;
  readonly connections: number;
}

/** Its answer. */
export interface Driven {
  readonly answered: number;
  /** Answered 503 and asked again: a store that came too late. */
  readonly unavailable: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}
