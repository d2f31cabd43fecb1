import type { FaultStore, ReplicatedDatabase } from "../stores/fault-store.ts";
import type { Findings, Setting } from "../trial.ts";

/** How much is tried: counts and seconds, by name. */
export type Size = Readonly<Record<string, number>>;

interface Definition<Named extends Size> {
  /** One line of the table. */
  readonly title: string;
  /** For `npm test`. */
  readonly short: Named;
  /** For `npm run test:faults`. */
  readonly full: NoInfer<Named>;
}

export interface Experiment extends Definition<Size> {
  /** Null where the store has nothing of the kind that is tried. */
  readonly run: (store: FaultStore, seed: number, size: Size) => Promise<Findings | null>;
}

/** Holds that both sizes count the same things, and that `run` is given these. */
export function experiment<Named extends Size>(
  definition: Definition<Named> & { readonly run: (setting: Setting, size: NoInfer<Named>) => Promise<Findings> },
): Experiment {
  return {
    ...definition,
    run: async (store, seed, size) => definition.run({ database: await store.newDatabase(), seed }, size as Named),
  };
}

/** On databases that something else can take over from. */
export function replicatedExperiment<Named extends Size>(
  definition: Definition<Named> & {
    readonly run: (setting: Setting<ReplicatedDatabase>, size: NoInfer<Named>) => Promise<Findings>;
  },
): Experiment {
  return {
    ...definition,
    async run(store, seed, size) {
      if (store.newReplicated === undefined) return null;
      const database = await store.newReplicated();
      try {
        return await definition.run({ database, seed }, size as Named);
      } finally {
        await database.close();
      }
    },
  };
}
