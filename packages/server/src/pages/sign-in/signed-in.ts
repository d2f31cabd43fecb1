import type { Begun, Pending } from "../../http/begin-session.ts";
import { setSessionCookies } from "../../http/token-response.ts";
import { PENDING_SECONDS } from "../../second-factors/pending.ts";
import { acrOf, MFA_ACR } from "../../sessions/authentication.ts";
import { setUpLink, TWO_STEPS } from "../account/set-up-link.ts";
import { SECOND_FACTOR } from "../second-factor/page.ts";
import type { Visit } from "../visit.ts";
import { endEarlierVisit } from "../visitor.ts";
import { goOn } from "./go-on.ts";

/** Leads on whoever has signed in; whoever has taken the first step of two, to the second, which is for `browser` alone. */
export async function signedIn(visit: Visit, outcome: Begun | Pending, browser: string | null = null): Promise<Response> {
  const { c, deps } = visit;
  if ("mfaToken" in outcome) {
    if (browser !== null) deps.cookies.transaction(c, PENDING_SECONDS, browser);
    deps.cookies.setPending(c, outcome.mfaToken, PENDING_SECONDS);
    return c.redirect(visit.link(SECOND_FACTOR), 303);
  }
  const { issued, device } = outcome;
  await endEarlierVisit(visit, issued.session);
  setSessionCookies(c, deps, issued, device);
  const isShort = visit.need === "mfa" && acrOf(issued.session.methods) !== MFA_ACR;
  return isShort ? c.redirect(setUpLink(visit, TWO_STEPS), 303) : goOn(visit);
}
