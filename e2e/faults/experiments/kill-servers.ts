import { setTimeout as pause } from "node:timers/promises";
import { startStorm } from "../storm.ts";
import { beginTrial } from "../trial.ts";
import { experiment } from "./experiment.ts";

/** Servers are killed with kill -9, one or the other, while everybody refreshes. */
export const killServers = experiment({
  title: "1 servers killed",
  short: { clients: 12, kills: 3, everyMs: 300 },
  full: { clients: 200, kills: 50, everyMs: 2000 },
  async run(setting, { clients, kills, everyMs }) {
    const trial = await beginTrial(setting);
    const { deployment, random } = trial;
    const people = Array.from({ length: clients }, (_, number) => trial.newClient(`client${number}`));
    const storm = await startStorm(trial, people, { keys: "every other", varied: true });
    for (let killed = 0; killed < kills; killed++) {
      const restarted = deployment.killAndRestart(Math.floor(random() * deployment.replicas.length));
      // Never both at once: where a start takes longer, the next kill waits for it.
      await Promise.all([restarted, pause(everyMs)]);
    }
    await storm.stop();
    await storm.takeCensus();
    return trial.conclude({ faults: kills, notes: `${clients} clients` });
  },
});
