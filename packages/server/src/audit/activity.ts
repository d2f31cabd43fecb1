import type { Clock } from "../clock.ts";
import type { AuditEventType } from "./audit-event.ts";
import type { AuditStore } from "./audit-store.ts";

/** What is counted, and as what. */
const SERIES = {
  signIns: ["login", "signup", "session_adopted"],
  failures: ["login_failed"],
  refreshes: ["refresh", "refresh_repeated"],
  thefts: ["refresh_token_reused"],
  revocations: [
    "logout",
    "logout_all",
    "session_revoked",
    "password_changed",
    "password_reset",
    "email_change_undone",
    "user_disabled",
    "user_deleted",
    "token_revoked",
  ],
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

const NOTHING = toCounts(new Map());

function toCounts(counted: ReadonlyMap<AuditEventType, number>): Counts {
  const total = (all: readonly AuditEventType[]): number => all.reduce((sum, type) => sum + (counted.get(type) ?? 0), 0);
  return Object.fromEntries(Object.entries(SERIES).map(([series, all]) => [series, total(all)])) as Counts;
}

/** How much of what happened when. What is over is counted once and remembered; what goes on, each time. */
export function createActivity({ audit, clock }: { audit: Pick<AuditStore, "count">; clock: Clock }): {
  over(range: ActivityRange): Promise<Activity>;
} {
  const remembered = new Map<string, Counts>();
  const types = Object.values(SERIES).flat();

  function remember(from: number, until: number, counts: Counts): void {
    if (until >= clock() - SETTLED_MS) return;
    remembered.set(`${from} ${until}`, counts);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  return {
    async over(range) {
      const { interval, intervals } = RANGES[range];
      const last = Math.floor(clock() / interval) * interval;
      const starts = Array.from({ length: intervals }, (_, i) => last - (intervals - 1 - i) * interval);
      const known = starts.map((from) => remembered.get(`${from} ${from + interval}`));
      const first = known.indexOf(undefined);
      const asked = starts.slice(first);
      const counted = await audit.count(types, [...asked, last + interval]);
      const fresh = counted.map(toCounts);
      asked.forEach((from, i) => remember(from, from + interval, fresh[i] ?? NOTHING));
      const result = starts.map((from, i) => ({ from, counts: (i < first ? known[i] : fresh[i - first]) ?? NOTHING }));
      return { intervalSeconds: interval / 1000, intervals: result };
    },
  };
}
