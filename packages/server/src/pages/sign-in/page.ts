import { checkbox, fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";

export interface SignInForm {
  readonly email: string;
  readonly remember: boolean;
}

/** The password is asked for again after a failure; the rest stays as it was typed. */
export function signInPage(visit: Visit, form: SignInForm, failure: Failure | null): Response {
  const { texts, deps } = visit;
  const isKnown = form.email !== "";
  const body = html`<div class="card">
<h1>${texts.signInTo(deps.settings.pages.name)}</h1>
<form method="post" action="${visit.link("/sign-in")}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, visit.formHolder())}
${fieldOf(visit, { name: "email", label: texts.email, type: "email", autocomplete: "username", value: form.email, autofocus: !isKnown }, failure)}
${fieldOf(visit, { name: "password", label: texts.password, type: "password", autocomplete: "current-password", autofocus: isKnown }, failure)}
${checkbox("remember", texts.remember, form.remember)}
<button type="submit">${texts.signInAction}</button>
</form>
</div>
<p class="beside">${texts.noAccount} <a href="${visit.link("/sign-up")}">${texts.signUp}</a></p>`;
  const status = failure?.status ?? 200;
  return render(visit, { title: texts.signIn, body, width: "narrow", status, hasErrors: failure !== null });
}
