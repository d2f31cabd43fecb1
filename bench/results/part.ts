/**
 * What a suite measures, as it is kept under docs/benchmarks/data: raw numbers, one a round, and how to read them. Tables
 * and plots are made from this and nothing else, so that they can be made again without measuring.
 */

/** The tables and plots of one suite. */
export interface Part {
  /** Names its block in the page of the suite, and its plot. */
  readonly name: string;
  readonly title: string;
  /** How much of what was measured: rounds, seconds, connections. */
  readonly method: string;
  /** The line that others are multiples of, where they are: usually the floor. */
  readonly base?: string;
  readonly columns: readonly Column[];
  readonly lines: readonly Line[];
  readonly plot?: Plot;
}

/** One contender. */
export interface Line {
  readonly name: string;
  readonly kind: "ours" | "peer" | "floor";
  /** The line that this one is a multiple of, instead of the part's base. */
  readonly against?: string;
  /** By what was measured; a number for each round, in the same order in all lines. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** What is looked at: a number of each round. */
export interface Figure {
  /** A name among the samples. */
  readonly of: string;
  /** Divided by another sample of the same line and round. */
  readonly over?: string;
  /** A multiple of the base, in the same round; `inverse`: how many times the base is of it. */
  readonly toBase?: boolean | "inverse";
}

export interface Column extends Figure {
  readonly title: string;
  readonly digits: number;
  /** With the least and the greatest beside the median. */
  readonly spread?: boolean;
}

/** Bars: one for each line, from zero to the median, and a whisker from the least to the greatest. */
export interface Plot {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly Panel[];
  readonly digits: number;
  /** Behind each number: `×`. */
  readonly unit: string;
  /** Vertical lines: where the floor is, and what the aim is. */
  readonly marks?: readonly Mark[];
  /** Lines that have no bar. */
  readonly without?: readonly string[];
}

export interface Mark {
  readonly at: number;
  readonly label: string;
  /** Drawn in another way than a floor. */
  readonly isAim?: boolean;
}

/** Bars that share a scale. */
export interface Panel extends Figure {
  readonly title?: string;
}

/** One run of one suite. */
export interface Results {
  readonly suite: string;
  readonly measuredAt: string;
  /** By `--quick`: nothing to go by. */
  readonly quick: boolean;
  readonly machine: Machine;
  /** Of everything that took part, as installed. */
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly parts: readonly Part[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  /** Of one minute, before the suite began: what else the machine had to do. */
  readonly load: number;
}
