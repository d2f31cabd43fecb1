/**
 * The deployment: what a running server looks like from outside, with all that stands before it. It goes by answers
 * alone, changes nothing, and signs nobody in. One file a question.
 */
import { isLoopback } from "@ostiary/guard/embedded";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";
import { createAsk, Unanswered } from "./ask.ts";
import type { Answered } from "./ask.ts";
import { checkClock } from "./check-clock.ts";
import { checkCookies } from "./check-cookies.ts";
import { checkDiscovery } from "./check-discovery.ts";
import { checkFeed } from "./check-feed.ts";
import { checkJwks } from "./check-jwks.ts";
import { checkProxy } from "./check-proxy.ts";
import { checkReady } from "./check-ready.ts";
import type { Deployment } from "./deployment.ts";

export async function examineDeployment(deployment: Deployment): Promise<Finding[]> {
  const { issuer, clock } = deployment;
  const ask = createAsk(clock);
  const first = await ask(`${issuer}/.well-known/openid-configuration`).catch(unanswered);
  const refusal = checkReachable(deployment, first);
  if (refusal !== null) return [refusal];
  const checks = [checkReady, checkDiscovery, checkJwks, checkClock, checkProxy, checkCookies, checkFeed];
  const found = await Promise.all(checks.map((check) => answeredBy(check(deployment, ask))));
  return [ok("server.reachable", `${issuer} answers.`), checkHttps(issuer), ...found.flat()];
}

/** What keeps everything else from being looked at. */
function checkReachable({ issuer, expected }: Deployment, first: Answered | Unanswered): Finding | null {
  const id = "server.reachable";
  if (first instanceof Unanswered) {
    const message = `Nothing answers at ${issuer} (${first.message}): what runs there was not looked at.`;
    if (isCertificate(first.message)) {
      return error(id, message, "renew the certificate, for this very name and with the chain it hangs on");
    }
    return expected
      ? error(id, message, "check the URL, the proxy and the server")
      : warning(id, message, "start the server, or name one with --url");
  }
  const { status, headers, body } = first;
  if (status >= 300 && status < 400) {
    const message = `${issuer} redirects to ${headers.get("location") ?? "somewhere"}: guards follow no redirects.`;
    return error(id, message, "use the URL it leads to, as OSTIARY_ISSUER and as the guards' issuer");
  }
  if (status === 200 && body !== null) return null;
  const message = `${issuer}/.well-known/openid-configuration is answered with ${status}${body === null ? ", not in JSON" : ""}.`;
  return error(id, message, "check the URL, its path included, and that the proxy passes on everything below it");
}

function checkHttps(issuer: string): Finding {
  const id = "server.https";
  if (issuer.startsWith("https:")) return ok(id, "It is asked over https, with a certificate that is trusted.");
  if (isLoopback(new URL(issuer))) return ok(id, "It is http on this machine, as for development.");
  return error(
    id,
    "It is asked over http: passwords and tokens travel readable, and guards refuse it.",
    "put a proxy that speaks TLS in front",
  );
}

async function answeredBy(check: Promise<Finding[]>): Promise<Finding[]> {
  const found = await check.catch(unanswered);
  if (!(found instanceof Unanswered)) return found;
  return [error("server.answers", `A request was not answered (${found.message}).`, "see what the server and the proxy log")];
}

function unanswered(failure: unknown): Unanswered {
  if (failure instanceof Unanswered) return failure;
  throw failure;
}

function isCertificate(message: string): boolean {
  return /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(?:VERIFY|GET)/.test(message);
}
