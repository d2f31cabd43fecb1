import { join } from "node:path";
import { launch, temporaryFolder } from "../../launch.ts";
import type { Launched } from "../../launch.ts";
import type { FaultStore, Outage } from "./fault-store.ts";

/** A file for two servers. There is no database to stop; what comes nearest is another process that keeps it locked. */
export const sqliteFaultStore: FaultStore = {
  async newDatabase() {
    const path = join(temporaryFolder(), "ostiary.db");
    return { env: { OSTIARY_DATABASE_URL: `sqlite:${path}` }, outages: { locked: lockOf(path) } };
  },
  async close() {},
};

function lockOf(path: string): Outage {
  let holder: Launched | undefined;
  return {
    async begin() {
      holder = launch(process.execPath, [join(import.meta.dirname, "hold-lock.ts"), path]);
      await holder.says(/Locked/);
    },
    async end() {
      holder?.signal("SIGKILL");
      await holder?.ended;
    },
  };
}
