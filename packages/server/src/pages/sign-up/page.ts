import { fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import { otherWays } from "../sign-in-with/buttons.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";

export interface SignUpForm {
  readonly name: string;
  readonly email: string;
}

export function signUpPage(visit: Visit, form: SignUpForm, failure: Failure | null): Response {
  const { texts, deps } = visit;
  const { pages, passwordMinLength } = deps.settings;
  const hint = texts.passwordLength(passwordMinLength);
  const body = html`<div class="card">
<h1>${texts.signUpTo(pages.name)}</h1>
<form method="post" action="${visit.link("/sign-up")}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, visit.formHolder())}
${fieldOf(visit, { name: "name", label: texts.name, type: "text", autocomplete: "name", value: form.name, optional: true, maxLength: 200, autofocus: true }, failure)}
${fieldOf(visit, { name: "email", label: texts.email, type: "email", autocomplete: "username", value: form.email }, failure)}
${fieldOf(visit, { name: "password", label: texts.password, type: "password", autocomplete: "new-password", hint }, failure)}
<button type="submit">${texts.signUpAction}</button>
</form>
${otherWays(visit, null)}
</div>
<p class="beside">${texts.haveAccount} <a href="${visit.link("/sign-in")}">${texts.signIn}</a></p>`;
  const status = failure?.status ?? 200;
  return render(visit, { title: texts.signUp, body, width: "narrow", status, hasErrors: failure !== null });
}
