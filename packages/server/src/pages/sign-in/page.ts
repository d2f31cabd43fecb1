import { offeredByMail } from "../../http/mail-flow.ts";
import { checkbox, fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { otherWays } from "../sign-in-with/buttons.ts";
import { render } from "../render.ts";
import { notYou, PASSKEY_SIGN_IN } from "../second-factor/page.ts";
import { passkeyForm } from "../second-factor/passkey-form.ts";
import type { Visit } from "../visit.ts";

export interface SignInForm {
  readonly email: string;
  readonly remember: boolean;
  /** It is about this account: they are signed in to it, and have to prove it anew. */
  readonly isFixed?: boolean;
}

/** The password is asked for again after a failure; the rest stays as it was typed. */
export function signInPage(visit: Visit, form: SignInForm, failure: Failure | null): Response {
  const { texts, deps } = visit;
  const { email, isFixed = false } = form;
  const isKnown = email !== "";
  const body = html`<div class="card">
<h1>${isFixed ? texts.signInAgain : texts.signInTo(deps.settings.pages.name)}</h1>
${isFixed && html`<p class="lead">${texts.twoSteps.againLead}</p>`}
<form method="post" action="${visit.link("/sign-in")}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, visit.formHolder())}
${fieldOf(visit, { name: "email", label: texts.email, type: "email", autocomplete: "username", value: email, autofocus: !isKnown, readOnly: isFixed }, failure)}
${fieldOf(visit, { name: "password", label: texts.password, type: "password", autocomplete: "current-password", autofocus: isKnown }, failure)}
${checkbox("remember", texts.remember, form.remember)}
<button type="submit">${texts.signInAction}</button>
</form>
${offeredByMail(deps).passwords && html`<p class="forgot"><a href="${visit.link("/forgot-password")}">${texts.byMail.forgot}</a></p>`}
${otherWays(visit, ownPasskeyForm(visit))}
</div>
${isFixed ? notYou(visit) : html`<p class="beside">${texts.noAccount} <a href="${visit.link("/sign-up")}">${texts.signUp}</a></p>`}`;
  const status = failure?.status ?? 200;
  return render(visit, {
    title: isFixed ? texts.signInAgain : texts.signIn,
    body,
    width: "narrow",
    status,
    hasErrors: failure !== null,
    usesPasskeys: true,
  });
}

/** In place of all the rest: it says who they are, and proves it. */
function ownPasskeyForm(visit: Visit): Html {
  return passkeyForm(visit, {
    purpose: "use",
    action: visit.link(PASSKEY_SIGN_IN),
    options: visit.link(`${PASSKEY_SIGN_IN}/options`),
    label: visit.texts.twoSteps.signInWithPasskey,
    look: "second",
    fields: html`${tokenField(visit, visit.formHolder())}<input type="hidden" name="remember" value="on" disabled>`,
  });
}
