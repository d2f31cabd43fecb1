import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** Guards forgive no more than a minute, and usually less. */
const WRONG_MS = 30_000;
const NOTABLE_MS = 1000;

const MEND = "synchronise the clocks of all machines (NTP): tokens are dated by the servers' clocks";

/** Two machines that disagree about the time: one of them is wrong. Null where there is but one. */
export function checkClock(differenceMs: number | null): Finding[] {
  if (differenceMs === null) return [];
  const id = "database.clock";
  const [seconds, side] = [(Math.abs(differenceMs) / 1000).toFixed(1), differenceMs > 0 ? "ahead of" : "behind"];
  const message = `The database's clock is ${seconds} s ${side} this machine's.`;
  if (Math.abs(differenceMs) >= WRONG_MS) return [error(id, message, MEND)];
  if (Math.abs(differenceMs) >= NOTABLE_MS) return [warning(id, message, MEND)];
  return [ok(id, "The database's clock agrees with this machine's.")];
}
