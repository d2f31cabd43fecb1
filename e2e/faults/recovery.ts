import { setTimeout as pause } from "node:timers/promises";
import type { Trial } from "./trial.ts";

/** Once its database is back, every server is to answer again in this time, in milliseconds. */
export const RECOVERS_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 50;

/** How long until every server has answered a refresh again, in milliseconds. */
export async function recoveryAfter(trial: Trial, moment: number): Promise<number> {
  for (;;) {
    const well = trial.history.filter(({ kind, outcome, start }) => kind === "refresh" && outcome === "ok" && start >= moment);
    const first = trial.deployment.replicas.map(({ name }) => well.find(({ server }) => server === name)?.end ?? Infinity);
    const recovery = Math.max(...first) - moment;
    if (recovery < Infinity) return recovery;
    if (Date.now() - moment > 4 * RECOVERS_WITHIN_MS) return Date.now() - moment;
    await pause(LOOK_EVERY_MS);
  }
}
