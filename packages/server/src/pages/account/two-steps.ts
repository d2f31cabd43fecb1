import { mayChangeFactors } from "../../http/fresh-sign-in.ts";
import { factorsOf, hasSecondFactors } from "../../second-factors/second-factors.ts";
import type { Factors } from "../../second-factors/second-factors.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import { render } from "../render.ts";
import { waitingBehind } from "../step-up/asked.ts";
import type { Visit } from "../visit.ts";
import { findVisitor } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { AUTHENTICATOR } from "./authenticator-page.ts";
import { addPasskeyForm } from "./factor-list.ts";
import { isFresh } from "./fresh.ts";
import { afterSetUp, setUpLink, signInWithBoth, TWO_STEPS } from "./set-up-link.ts";
import { askAgain } from "./way-list.ts";

/**
 * For whoever wants to go where a second step is needed, and has none: offers to set one up. They sign in with it after
 * that: what they are signed in by stays what it was.
 */
export async function showTwoSteps(visit: Visit): Promise<Response> {
  const { visitor } = await findVisitor(visit);
  if (visitor === null || !isFresh(visit, visitor)) return visit.c.redirect(signInWithBoth(visit), 303);
  if (hasSecondFactors(await factorsOf(visit.deps.factors, visitor.user.id))) return visit.c.redirect(afterSetUp(visit), 303);
  return twoStepsPage(visit, visitor);
}

function twoStepsPage(visit: Visit, visitor: Visitor): Response {
  const { texts, returnTo } = visit;
  const { needed, neededLead, setUpApp, notNow } = texts.twoSteps;
  const body = html`<div class="card">
<h1>${needed}</h1>
<p class="lead">${neededLead}</p>
<div class="stacked"><a class="button second with-icon" href="${setUpLink(visit, AUTHENTICATOR)}">${icon("code")}<span>${setUpApp}</span></a>
${addPasskeyForm(visit, visitor)}</div>
</div>
<p class="beside"><a href="${returnTo === null ? visit.link("/account") : (waitingBehind(visit, returnTo) ?? returnTo)}">${notNow}</a></p>`;
  return render(visit, { title: needed, body, width: "narrow", usesPasskeys: true, inLanguage: (tag) => setUpLink(visit, TWO_STEPS, { ui_locales: tag }) });
}

export function canChangeFactors({ deps }: Visit, visitor: Visitor, factors: Factors): boolean {
  return mayChangeFactors(visitor, factors, deps.sessions.clock());
}

/** What says so, and leads to it. */
export function askForBoth(visit: Visit, visitor: Visitor, factors: Factors): Html {
  if (!hasSecondFactors(factors)) return askAgain(visit, visitor);
  const { texts, deps } = visit;
  const again = visit.link("/sign-in", { prompt: "login", need: "mfa", return_to: `${deps.settings.issuer}/account#two-steps` });
  return html`<div class="again"><p class="quiet">${texts.twoSteps.signInFirst}</p>
<a class="button second" href="${again}">${texts.signInAgain}</a></div>`;
}
