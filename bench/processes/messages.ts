/** What the processes of a suite say to each other, over Node's IPC. */

/** Asks a server what it has used so far. */
export interface AskUsage {
  /** Before memory is looked at. */
  readonly collectGarbage?: boolean;
}

/** Its answer. */
export interface Usage {
  /** CPU microseconds, of all its threads. */
  readonly cpuMicroseconds: number;
  /** Bytes. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Told to a load generator: ask for so long, and then until there were so many answers. */
export interface Drive {
  readonly seconds: number;
  readonly atLeast?: number;
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

/** Asks a server to begin to look where its time goes, which it answers with null, or to tell. */
export interface AskProfile {
  readonly profile: "start" | "stop";
}

/** What V8 tells of it, which is also what a `.cpuprofile` has. Times in microseconds. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  /** The node that was running, each time. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}
