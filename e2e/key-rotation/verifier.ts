/**
 * A guard in a process of its own that verifies without a pause: ISSUER, and RATE verifications a second. Orders come on
 * standard input, a line of JSON each; at its end, what happened is printed.
 */
import { createInterface } from "node:readline";
import { createGuard, GuardError } from "@ostiary/guard";
import { decode } from "@ostiary/jwt";

/** `honest`: to be accepted until it expires. `forged`: made by us with a key that leaked. `withdrawn`: by now no more. */
export type Order = { readonly honest: string } | { readonly forged: string } | { readonly withdrawn: true };

export interface Verified {
  readonly accepted: number;
  /** Honest tokens that were refused, and why. */
  readonly refusals: readonly string[];
  readonly forgedAccepted: number;
  readonly forgedRefused: number;
  /** After it had to be refused. */
  readonly forgedAcceptedLate: number;
}

const issuer = process.env["ISSUER"] ?? "";
const rate = Number(process.env["RATE"]);
const TICK_MS = 20;
/** A token that expires while it is under way proves nothing. */
const SPARE_MS = 1000;
const TOKENS_HELD = 30;

// Nothing is remembered: each time the signature is checked anew. A cooldown below the time that keys are published ahead.
const guard = createGuard({ issuer, audience: issuer, maxCachedTokens: 0, keyCooldownSeconds: 1, onWarning() {} });
await guard.ready();
process.stdout.write("Ready.\n");

let honest: { token: string; until: number }[] = [];
let forged: string | undefined;
let withdrawn = false;
const counts = { accepted: 0, forgedAccepted: 0, forgedRefused: 0, forgedAcceptedLate: 0 };
const refusals: string[] = [];

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const order = JSON.parse(line) as Order;
    if ("honest" in order) {
      const until = Number(decode(order.honest).claims["exp"]) * 1000 - SPARE_MS;
      honest = [...honest, { token: order.honest, until }].slice(-TOKENS_HELD);
    } else if ("forged" in order) forged = order.forged;
    else withdrawn = true;
  })
  .on("close", () => {
    clearInterval(timer);
    process.stdout.write(`\n${JSON.stringify({ ...counts, refusals } satisfies Verified)}\n`);
    guard.close();
  });

let turn = 0;
const timer = setInterval(() => {
  honest = honest.filter(({ until }) => until > Date.now());
  for (let i = 0; i < (rate * TICK_MS) / 1000; i++) {
    const next = honest[turn++ % honest.length];
    if (next !== undefined) void verifyHonest(next.token);
  }
  if (forged !== undefined) void verifyForged(forged, withdrawn);
}, TICK_MS);

async function verifyHonest(token: string): Promise<void> {
  try {
    await guard.verify(token);
    counts.accepted++;
  } catch (error) {
    refusals.push(error instanceof GuardError ? `${error.error} ${error.reason}` : String(error));
  }
}

async function verifyForged(token: string, isLate: boolean): Promise<void> {
  try {
    await guard.verify(token);
    counts.forgedAccepted++;
    if (isLate) counts.forgedAcceptedLate++;
  } catch {
    counts.forgedRefused++;
  }
}
