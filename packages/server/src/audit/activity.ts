import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { AuditEventType } from "./audit-event.ts";
import type { AuditStore } from "./audit-store.ts";

/** What is counted, and as what. */
const SERIES = {
  signIns: ["login", "signup"],
  failures: ["login_failed"],
  refreshes: ["refresh", "refresh_repeated"],
  thefts: ["refresh_token_reused"],
  revocations: ["logout", "logout_all", "session_revoked", "password_changed", "user_disabled", "user_deleted", "token_revoked"],
} as const satisfies Record<string, readonly AuditEventType[]>;

export type SeriesName = keyof typeof SERIES;
export type Counts = Readonly<Record<SeriesName, number>>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** About fifty intervals each. */
const RANGES = {
  day: { interval: 30 * MINUTE, intervals: 48 },
  week: { interval: 3 * HOUR, intervals: 56 },
  month: { interval: 12 * HOUR, intervals: 60 },
} as const;

export type ActivityRange = keyof typeof RANGES;
export const ACTIVITY_RANGES = Object.keys(RANGES) as [ActivityRange, ...ActivityRange[]];

export interface Activity {
  readonly intervalSeconds: number;
  /** Oldest first; the last is not over yet. `from` in milliseconds since the epoch. */
  readonly intervals: readonly { readonly from: number; readonly counts: Counts }[];
}

/** Transactions that began in an interval may still be committed so much later. */
const SETTLED_MS = MINUTE;
const MAX_REMEMBERED = 1000;

/** How much of what happened when. What is over is counted once and remembered; what goes on, each time. */
export function createActivity({ audit, clock }: { audit: Pick<AuditStore, "count">; clock: Clock }): {
  over(range: ActivityRange): Promise<Activity>;
} {
  const remembered = new Map<string, Counts>();
  const types = Object.values(SERIES).flat();

  async function countsOf(from: number, until: number): Promise<Counts> {
    const name = `${from} ${until}`;
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const counted = await audit.count(types, from, until);
    const entries = Object.entries(SERIES).map(([series, all]) => [series, all.reduce((sum, type) => sum + (counted.get(type) ?? 0), 0)]);
    const counts = Object.fromEntries(entries) as Counts;
    if (until < clock() - SETTLED_MS) remembered.set(name, counts);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return counts;
  }

  return {
    async over(range) {
      const { interval, intervals } = RANGES[range];
      const last = Math.floor(clock() / interval) * interval;
      const result: { from: number; counts: Counts }[] = [];
      for (let i = intervals - 1; i >= 0; i--) {
        const from = last - i * interval;
        result.push({ from, counts: await countsOf(from, from + interval) });
        // A store in this process answers without a pause, and others wait to be answered.
        await turn();
      }
      return { intervalSeconds: interval / 1000, intervals: result };
    },
  };
}
