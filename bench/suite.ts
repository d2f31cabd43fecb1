/** What every file in suites/ gives. */
import type { ParseArgsOptionsConfig } from "node:util";
import type { Steps } from "./progress.ts";
import type { Part } from "./results/part.ts";

export interface Suite {
  /** How long it takes on two cores, and no more than that. */
  readonly seconds: number;
  /** Packages whose versions are told with the numbers. */
  readonly versions: readonly string[];
  /** Beside those that all suites take. */
  readonly options?: ParseArgsOptionsConfig;
  run(run: Run): Promise<Part[]>;
}

export interface Run {
  readonly quick: boolean;
  /** What the suite's own options, or the common ones, were given as. */
  option(name: string): string | undefined;
  /** The number given by that name; if none is, the usual one, or `quick` in a quick run. */
  number(name: string, usual: number, quick?: number): number;
  /** Whether the line of this name is asked for by `--only`. */
  isWanted(name: string): boolean;
  /** False when the time of the suite is up: it then measures no more rounds than it must. */
  hasTime(): boolean;
  readonly steps: Steps;
}
