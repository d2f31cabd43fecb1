import pg from "pg";
import type { LogWatch } from "../../revocation/revocation-store.ts";
import type { Pool } from "./pool.ts";

export const REVOCATIONS_CHANNEL = "ostiary_revocations";

/** The log is the truth; being woken only makes it quicker. So often that it is read within a second in any case. */
const LOOK_EVERY_MS = 500;
const RECONNECT_MS = 1000;

/** Notices what other replicas append: by NOTIFY at once, by looking within half a second. */
export function watchLog(pool: Pool, url: string): LogWatch {
  return {
    everyMs: LOOK_EVERY_MS,
    async changeMark() {
      const { rows } = await pool.run({
        name: "ostiary_log_head",
        text: "select coalesce(max(seq), 0)::bigint as head from revocations",
        values: [],
      });
      return Number(rows[0]?.["head"] ?? 0);
    },
    subscribe(wake) {
      let client: pg.Client | undefined;
      let timer: NodeJS.Timeout | undefined;
      let stopped = false;

      async function listen(): Promise<void> {
        const listener = new pg.Client({ connectionString: url, keepAlive: true, application_name: "ostiary listen" });
        client = listener;
        listener.on("notification", wake);
        listener.on("error", () => {}); // "end" follows
        listener.once("end", reconnect);
        try {
          await listener.connect();
          await listener.query(`listen ${REVOCATIONS_CHANNEL}`);
          wake(); // for what came while nobody listened
        } catch {
          reconnect();
        }
      }

      function reconnect(): void {
        if (stopped || timer !== undefined) return;
        client?.end().catch(() => {});
        timer = setTimeout(() => {
          timer = undefined;
          void listen();
        }, RECONNECT_MS);
        timer.unref();
      }

      void listen();
      return () => {
        stopped = true;
        clearTimeout(timer);
        client?.end().catch(() => {});
      };
    },
  };
}
