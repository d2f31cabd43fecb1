/** An API's guard in a process of its own: `guard-process.ts <issuer> <client id> <client secret>`. */
import { setTimeout as pause } from "node:timers/promises";
import { createGuard, GuardError } from "@ostiary/guard";
import { type Happened, moment, type ToGuard } from "./messages.ts";

const LOOK_EVERY_MS = 1;
const [issuer = "", clientId = "", clientSecret = ""] = process.argv.slice(2);
const guard = createGuard({ issuer, audience: issuer, revocation: { clientId, clientSecret } });

process.on("message", (message: ToGuard) => {
  void happening(message).then(() => process.send?.({ at: moment() } satisfies Happened));
});

async function happening(message: ToGuard): Promise<void> {
  if (message.until === "ready") return guard.ready();
  const hasHappened =
    message.until === "seq" ? async () => (guard.status().seq ?? -1) >= message.seq : () => isRefused(message.token);
  while (!(await hasHappened())) await pause(LOOK_EVERY_MS);
}

async function isRefused(token: string): Promise<boolean> {
  try {
    await guard.verify(token);
    return false;
  } catch (error) {
    if (error instanceof GuardError && error.reason === "session_revoked") return true;
    throw error;
  }
}
