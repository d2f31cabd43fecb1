import { setTimeout as pause } from "node:timers/promises";
import type { Violation } from "../history/evidence.ts";
import { RECOVERS_WITHIN_MS, recoveryAfter } from "../recovery.ts";
import { startStorm } from "../storm.ts";
import { beginTrial } from "../trial.ts";
import { replicatedExperiment } from "./experiment.ts";

/** How long rotations are answered that the copy never sees. */
const CUT_OFF_MS = 1000;

/**
 * The database is killed under load and its copy takes over, first one that had been cut off for a second, then one
 * that kept up, and so on. What the copy never saw of rotations is lost, and nothing else.
 */
export const failOver = replicatedExperiment({
  title: "6 failover",
  short: { clients: 10, failovers: 1, everyMs: 1000 },
  full: { clients: 50, failovers: 3, everyMs: 20_000 },
  async run(setting, { clients, failovers, everyMs }) {
    const { database } = setting;
    const trial = await beginTrial(setting);
    const people = Array.from({ length: clients }, (_, number) => trial.newClient(`client${number}`));
    const storm = await startStorm(trial, people, { keys: "every other", varied: true });
    const violations: Violation[] = [];
    const recoveries: number[] = [];
    for (let failover = 0; failover < failovers; failover++) {
      if (failover > 0) await database.renewCopy();
      await pause(everyMs);
      if (failover % 2 === 0) {
        await database.cutOffCopy();
        await pause(CUT_OFF_MS);
      }
      await database.failOver();
      const recovery = await recoveryAfter(trial, Date.now());
      recoveries.push(recovery);
      if (recovery > RECOVERS_WITHIN_MS) violations.push({ invariant: "I7", what: `not back after ${recovery} ms` });
    }
    await pause(everyMs);
    await storm.stop();
    await storm.takeCensus();
    const notes = `${clients} clients; back within ${Math.max(...recoveries)} ms`;
    return trial.conclude({ faults: failovers, violations, notes, losesRotations: true });
  },
});
