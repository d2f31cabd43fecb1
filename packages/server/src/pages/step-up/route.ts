/**
 * Step-up: an app sends people here who have to sign in anew, or with a second step, before it does something for them
 * (RFC 9470 §4). Owns when they are there already, and that nobody goes round. How they sign in is the sign-in page's affair.
 */
import { factorsOf, hasSecondFactors } from "../../second-factors/second-factors.ts";
import { amrOf } from "../../sessions/authentication.ts";
import { isFresh } from "../account/fresh.ts";
import { TWO_STEPS } from "../account/set-up-link.ts";
import type { PageRoute } from "../page-route.ts";
import { mayGoOn } from "../sign-in/route.ts";
import type { Visit } from "../visit.ts";
import { findVisitor } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { markedUrl, readMark, readStepUp, STEP_UP } from "./asked.ts";
import type { StepUp } from "./asked.ts";
import { notEnoughPage } from "./page.ts";

export const stepUpRoutes: readonly PageRoute[] = [{ method: "get", path: STEP_UP, handle: show }];

async function show(visit: Visit): Promise<Response> {
  const stepUp = readStepUp(visit);
  const { visitor } = await findVisitor(visit);
  const askedAt = readMark(visit, stepUp);
  if (visitor !== null && isEnough(visit, visitor, stepUp, askedAt) && mayGoOn(visit, visitor)) return visit.c.redirect(stepUp.returnTo, 303);
  const takesTwo = stepUp.methods.length > 0 && !stepUp.methods.includes("pwd");
  const here = markedUrl(visit, stepUp);
  const signIn = visit.link("/sign-in", { prompt: "login", need: takesTwo ? "mfa" : "recent", return_to: here });
  if (visitor === null) return visit.c.redirect(signIn, 303);
  const hasNone = takesTwo && !hasSecondFactors(await factorsOf(visit.deps.factors, visitor.user.id));
  const setUp = isFresh(visit, visitor) ? visit.link(TWO_STEPS, { return_to: here, need: "mfa" }) : signIn;
  const isBack = askedAt !== null && visitor.session.createdAt >= askedAt;
  if (!isBack) return visit.c.redirect(hasNone ? setUp : signIn, 303);
  return notEnoughPage(visit, { kind: hasNone ? "none" : "other", forward: hasNone ? setUp : signIn, back: stepUp.returnTo });
}

function isEnough({ deps }: Visit, { session }: Visitor, { maxAgeSeconds, methods }: StepUp, askedAt: number | null): boolean {
  const { authTime } = session;
  // However short the time that the app gives: whoever signed in for it has done what they could.
  const isRecent = maxAgeSeconds === null || deps.sessions.clock() - authTime <= maxAgeSeconds * 1000 || (askedAt !== null && authTime >= askedAt);
  const amr = amrOf(session.methods);
  return isRecent && (methods.length === 0 || methods.some((method) => amr.includes(method)));
}
