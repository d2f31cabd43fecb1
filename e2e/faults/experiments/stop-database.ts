import { setTimeout as pause } from "node:timers/promises";
import type { Violation } from "../history/evidence.ts";
import type { Operation } from "../history/operation.ts";
import { RECOVERS_WITHIN_MS, recoveryAfter } from "../recovery.ts";
import { startStorm } from "../storm.ts";
import { beginTrial, signUpAll } from "../trial.ts";
import { experiment } from "./experiment.ts";

const LEAVING = 4;

interface Gone {
  readonly from: number;
  readonly until: number;
}

/** The database is taken away while everybody refreshes, in each way its store knows, and given back. */
export const stopDatabase = experiment({
  title: "4 database stopped",
  short: { clients: 10, seconds: 1.2 },
  full: { clients: 50, seconds: 60 },
  async run(setting, { clients, seconds }) {
    // Shorter than the outages, so that a retry needs its key to be told from a theft.
    const trial = await beginTrial(setting, { graceSeconds: 1 });
    const people = Array.from({ length: clients }, (_, number) => trial.newClient(`client${number}`));
    const storm = await startStorm(trial, people, { keys: "all", varied: true });
    const leaving = await signUpAll(Array.from({ length: LEAVING }, (_, number) => trial.newClient(`leaving${number}`)));
    const messenger = trial.newClient("messenger");
    const recoveries: number[] = [];
    const violations: Violation[] = [];
    const outages: Gone[] = [];
    for (const [how, outage] of Object.entries(trial.database.outages)) {
      const from = Date.now();
      await outage.begin();
      await pause(seconds * 500);
      // Whatever they are told: "signed out" has to be true.
      await Promise.all(leaving.map((held) => messenger.logout(held)));
      await pause(seconds * 500);
      await outage.end();
      const until = Date.now();
      outages.push({ from, until });
      const recovery = await recoveryAfter(trial, until);
      recoveries.push(recovery);
      if (recovery > RECOVERS_WITHIN_MS) violations.push({ invariant: "I7", what: `${how}: not back after ${recovery} ms` });
    }
    await storm.stop();
    const { refused, slowestMs } = refusedDuring(outages, trial.history);
    if (refused === 0) violations.push({ invariant: "I7", what: "nobody noticed that the database was gone" });
    await storm.takeCensus();
    const notes = `${refused} refused, the slowest after ${slowestMs} ms; back within ${Math.max(...recoveries)} ms`;
    return trial.conclude({ faults: outages.length, violations, notes });
  },
});

function refusedDuring(outages: readonly Gone[], operations: readonly Operation[]) {
  const refused = operations.filter(
    ({ status, start }) => status === 503 && outages.some(({ from, until }) => start >= from && start <= until),
  );
  return { refused: refused.length, slowestMs: Math.max(0, ...refused.map(({ start, end }) => end - start)) };
}
