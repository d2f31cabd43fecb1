import { html } from "../html.ts";
import { render } from "../render.ts";
import { originOf } from "../visit.ts";
import type { Visit } from "../visit.ts";

/** Where whoever is signed in wanted to go. */
export function afterSignIn(visit: Visit): string {
  return visit.returnTo ?? visit.link("/account");
}

/**
 * Leads on from a form that was accepted. To an app by a page of its own, not by a redirect: browsers hold all redirects
 * after a form against `form-action` (CSP Level 3 §6.4.1), and where an app sends people next is no affair of ours.
 */
export function goOn(visit: Visit): Response {
  const { returnTo, texts, deps } = visit;
  if (returnTo === null) return visit.c.redirect(afterSignIn(visit), 303);
  const isOurs = originOf(returnTo) === originOf(deps.settings.issuer);
  const body = html`<div class="card">
<h1>${texts.signedIn}</h1>
<p><a class="button" href="${returnTo}">${texts.goOnTo(isOurs ? deps.settings.pages.name : new URL(returnTo).host)}</a></p>
</div>`;
  return render(visit, { title: texts.signedIn, body, width: "narrow", goesOnTo: returnTo });
}
