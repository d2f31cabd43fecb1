import { setTimeout as pause } from "node:timers/promises";
import { startStorm } from "../storm.ts";
import { beginTrial } from "../trial.ts";
import { experiment } from "./experiment.ts";

/** Servers are killed with kill -9, one or the other, while everybody refreshes. */
export const killServers = experiment({
  title: "1 servers killed",
  short: { clients: 12, kills: 3, everyMs: 300, restMs: 100 },
  full: { clients: 200, kills: 50, everyMs: 2000, restMs: 0 },
  async run(setting, { clients, kills, everyMs, restMs }) {
    const trial = await beginTrial(setting);
    const { deployment, random } = trial;
    const people = Array.from({ length: clients }, (_, number) => trial.newClient(`client${number}`));
    const storm = await startStorm(trial, people, { keys: "every other", varied: true });
    for (let killed = 0; killed < kills; killed++) {
      const restarted = deployment.killAndRestart(Math.floor(random() * deployment.replicas.length));
      // In short a start need not be waited for longer because of the storm beside it.
      storm.calmUntil(restarted, restMs);
      // Never both at once: where a start takes longer, the next kill waits for it, and until everybody is at it again.
      await Promise.all([restarted, pause(everyMs)]);
      await pause(2 * restMs);
    }
    await storm.stop();
    await storm.takeCensus();
    return trial.conclude({ faults: kills, notes: `${clients} clients` });
  },
});
