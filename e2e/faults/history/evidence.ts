/** What an experiment leaves behind for the checker to judge. */
import type { Operation } from "./operation.ts";

export interface Evidence {
  readonly operations: readonly Operation[];
  readonly store: StoreState;
  readonly processes: readonly ProcessReport[];
  /** Whether the store was made to lose rotations: then it may be behind what was handed out, until it heals. */
  readonly losesRotations: boolean;
}

/** What the stores hold after the last server has gone. */
export interface StoreState {
  /** By session. */
  readonly rows: ReadonlyMap<string, SessionState>;
  /** Sessions that the revocation log names. */
  readonly revoked: ReadonlySet<string>;
  /** By session: what the audit says of thefts. */
  readonly thefts: ReadonlyMap<string, readonly TheftEvent[]>;
  /** Sessions whose row was found behind a token that had been handed out, and caught up with it. */
  readonly healed: ReadonlySet<string>;
  /** Sessions of which a generation was made more than once. */
  readonly remade: ReadonlySet<string>;
}

export interface SessionState {
  readonly userId: string;
  readonly generation: number;
  readonly revokedAt: number | null;
  readonly revokedReason: string | null;
}

/** The devices, as they call themselves. */
export interface TheftEvent {
  readonly presentedBy: string | null;
  readonly lastRotatedBy: string | null;
}

export interface ProcessReport {
  readonly name: string;
  /** Whether it ended by itself, which no server should. */
  readonly endedByItself: boolean;
  readonly stderr: string;
}

export type Invariant = "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8";

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}
