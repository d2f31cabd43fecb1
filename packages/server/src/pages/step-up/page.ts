import { html } from "../html.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";

/** For whoever has signed in for it, and is still not where the app wants them: here it would go round. */
export function notEnoughPage(visit: Visit, { kind, forward, back }: { kind: "none" | "other"; forward: string; back: string }): Response {
  const { texts } = visit;
  const { needed, neededLead, notEnough, notEnoughLead, setUp, goBack } = texts.twoSteps;
  const [title, lead, label] = kind === "none" ? [needed, neededLead, setUp] : [notEnough, notEnoughLead, texts.signInAgain];
  const body = html`<div class="card">
<h1>${title}</h1>
<p class="lead">${lead}</p>
<div class="stacked"><a class="button" href="${forward}">${label}</a>
<a class="button second" href="${back}">${goBack}</a></div>
</div>`;
  return render(visit, { title, body, width: "narrow" });
}
