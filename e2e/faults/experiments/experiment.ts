import type { Findings, Setting } from "../trial.ts";

/** How much is tried: counts and seconds, by name. */
export type Size = Readonly<Record<string, number>>;

export interface Experiment {
  /** One line of the table. */
  readonly title: string;
  /** For `npm test`. */
  readonly short: Size;
  /** For `npm run test:faults`. */
  readonly full: Size;
  readonly run: (setting: Setting, size: Size) => Promise<Findings>;
}

/** Holds that both sizes count the same things, and that `run` is given these. */
export function experiment<Named extends Size>(definition: {
  readonly title: string;
  readonly short: Named;
  readonly full: NoInfer<Named>;
  readonly run: (setting: Setting, size: NoInfer<Named>) => Promise<Findings>;
}): Experiment {
  return { ...definition, run: (setting, size) => definition.run(setting, size as Named) };
}
