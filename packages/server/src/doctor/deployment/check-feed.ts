import { REVOCATION_FEED_PATH } from "@ostiary/protocol";
import { createGuard } from "@ostiary/guard";
import type { Guard } from "@ostiary/guard";
import { generateKey } from "@ostiary/jwt";
import type { ClientCredentials } from "../../clients/client.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";
import type { Ask } from "./ask.ts";
import type { Deployment } from "./deployment.ts";

const ID = "feed.reachable";
const PATIENCE_MS = 6000;
/** Once a try has failed: others follow within tenths of a second, and one of them may do better. */
const PATIENCE_AFTER_FAILURE_MS = 1500;
/** Heartbeats come each second. */
const OLD_SECONDS = 3;

/** Whether guards learn of sign-outs; with credentials, by being one for a moment. */
export async function checkFeed({ issuer, guard }: Deployment, ask: Ask): Promise<Finding[]> {
  const { status, body } = await ask(issuer + REVOCATION_FEED_PATH);
  if (status !== 401 || body?.["error"] !== "invalid_client") {
    const message = `The revocation feed is answered with ${status} where credentials are asked for: guards learn of no sign-out.`;
    return [error(ID, message, `let the proxy pass ${new URL(issuer).pathname}${REVOCATION_FEED_PATH} on`)];
  }
  if (guard === null) {
    return [
      ok(ID, "The revocation feed is there, and asks for a guard's credentials. Give some with --guard to have it followed."),
    ];
  }
  return [await follow(issuer, guard)];
}

async function follow(issuer: string, { clientId, clientSecret }: ClientCredentials): Promise<Finding> {
  let guard: Guard | undefined;
  const late = Promise.withResolvers<never>();
  const giveUp = (): void => late.reject(new Error("no snapshot came in time"));
  const timers = [setTimeout(giveUp, PATIENCE_MS)];
  try {
    // Its keys are another question, and wait for none here. Whatever it has to say is in its status.
    const keys = generateKey("ES256");
    const onWarning = (): void => void timers.push(setTimeout(giveUp, PATIENCE_AFTER_FAILURE_MS));
    guard = createGuard({ issuer, audience: issuer, keys, revocation: { clientId, clientSecret }, onWarning });
    await Promise.race([guard.ready(), late.promise]);
    const { staleness, seq } = guard.status();
    if (staleness !== null && staleness <= OLD_SECONDS) {
      return ok(ID, `A guard follows the revocation feed: it has come to ${seq ?? 0}.`);
    }
    return warning(ID, `The revocation feed is ${(staleness ?? 0).toFixed(0)} s behind.`, "let the proxy pass it on unbuffered");
  } catch (failure) {
    const why = guard?.status().lastError ?? (failure instanceof Error ? failure.message : String(failure));
    const mend = /credentials/.test(why)
      ? "give the credentials of a guard: `npx ostiary clients create <name> --guard` makes some"
      : "let the proxy pass the feed on unbuffered and uncompressed, without a time limit";
    return error(ID, `A guard cannot follow the revocation feed: ${why}.`, mend);
  } finally {
    timers.forEach(clearTimeout);
    guard?.close();
  }
}
