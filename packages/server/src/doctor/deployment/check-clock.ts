import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";
import type { Ask } from "./ask.ts";
import type { Deployment } from "./deployment.ts";

const WRONG_MS = 30_000;
/** The Date header has whole seconds, and the way takes its time. */
const NOTABLE_MS = 3000;
const HALF_SECOND_MS = 500;

/** By the Date of an answer that no cache may keep. A proxy's clock, where a proxy writes it. */
export async function checkClock({ issuer }: Deployment, ask: Ask): Promise<Finding[]> {
  const id = "server.clock";
  const { headers, askedAt } = await ask(`${issuer}/me`);
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) {
    return [warning(id, "Its answers have no Date: its clock cannot be compared.", "let the proxy pass the header on")];
  }
  const differenceMs = date + HALF_SECOND_MS - askedAt;
  if (Math.abs(differenceMs) < NOTABLE_MS) return [ok(id, "Its clock agrees with this machine's.")];
  const message =
    `Its clock is ${(Math.abs(differenceMs) / 1000).toFixed(0)} s ${differenceMs > 0 ? "ahead of" : "behind"} this ` +
    "machine's.";
  const mend =
    "synchronise the clocks of all machines (NTP): a guard whose clock is behind refuses new tokens, one ahead refuses good ones";
  return [Math.abs(differenceMs) >= WRONG_MS ? error(id, message, mend) : warning(id, message, mend)];
}
