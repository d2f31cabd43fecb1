import type { FederationProblem } from "../../federation/provider-client.ts";
import type { SignInProvider } from "../../federation/provider.ts";
import { fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import { providerMark, SIGN_IN_WITH } from "./buttons.ts";

/** Leads on to a provider; by a page, because browsers hold redirects after a form against `form-action`. */
export function leadOnPage(visit: Visit, { name }: SignInProvider, address: string): Response {
  const { texts } = visit;
  const body = html`<div class="card">
<h1>${texts.oneMoment}</h1>
<p><a class="button" href="${address}">${texts.continueWith(name)}</a></p>
</div>`;
  return render(visit, { title: texts.oneMoment, body, width: "narrow", goesOnTo: address, inLanguage: inLanguage(visit) });
}

/** Asks for the password of an account that has the address: then it is theirs, and the provider opens it from now on. */
export function passwordPage(
  visit: Visit,
  { id, name }: SignInProvider,
  { email, pending }: { email: string; pending: string },
  failure: Failure | null,
): Response {
  const { texts } = visit;
  const title = texts.linkTitle(name);
  const body = html`<div class="card">
<h1>${title}</h1>
<p class="lead">${texts.linkText(name)}</p>
<p class="who">${providerMark(name)}<span>${email}</span></p>
<form method="post" action="${visit.link(`${SIGN_IN_WITH}/${id}/password`)}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, visit.formHolder())}
<input type="hidden" name="pending" value="${pending}">
<input type="text" name="username" autocomplete="username" value="${email}" hidden readonly>
${fieldOf(visit, { name: "password", label: texts.password, type: "password", autocomplete: "current-password", autofocus: true }, failure)}
<button type="submit">${texts.linkAction}</button>
</form>
</div>
<p class="beside">${texts.linkOther} <a href="${visit.link("/sign-in")}">${texts.signIn}</a></p>`;
  const status = failure?.status ?? 200;
  return render(visit, { title, body, width: "narrow", status, hasErrors: failure !== null, inLanguage: inLanguage(visit) });
}

/** Why it did not work, and the way back. */
export function problemPage(
  visit: Visit,
  { name }: SignInProvider,
  problem: FederationProblem,
  purpose: "sign_in" | "link",
): Response {
  const { texts } = visit;
  const title = problem === "denied" ? texts.withDenied(name) : texts.withFailed(name);
  const back = purpose === "link" ? { path: "/account", label: texts.toAccount } : { path: "/sign-in", label: texts.toSignIn };
  const body = html`<div class="card error-page">
<h1>${title}</h1>
<p>${texts.withProblems[problem](name)}</p>
<p><a class="button" href="${visit.link(back.path)}">${back.label}</a></p>
</div>`;
  return render(visit, { title, body, width: "narrow", status: STATUS[problem], inLanguage: inLanguage(visit) });
}

const STATUS = {
  expired: 400,
  denied: 403,
  unavailable: 503,
  refused: 400,
  no_email: 403,
  disabled: 403,
  taken: 409,
  other_account: 403,
} as const satisfies Record<FederationProblem, number>;

/** What is under way cannot be done twice: another language is for where it began. */
function inLanguage(visit: Visit): (tag: string) => string {
  return (tag) => visit.link("/sign-in", { ui_locales: tag });
}
