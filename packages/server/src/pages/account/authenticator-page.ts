import { fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import { holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { qrCode } from "./qr-code.ts";
import { setUpCancelled, setUpLink } from "./set-up-link.ts";

export const AUTHENTICATOR = "/account/authenticator";

export interface Enrolment {
  /** Base32. */
  readonly secret: string;
  /** `otpauth:`, for the picture. */
  readonly uri: string;
  readonly enrolmentToken: string;
}

/** The secret as a picture and as text, and the field that proves that an app has it. */
export function authenticatorPage(visit: Visit, visitor: Visitor, { secret, uri, enrolmentToken }: Enrolment, failure: Failure | null): Response {
  const { texts } = visit;
  const { setUpApp, appLead, qrCode: label, byHand, appCode, turnOn, cancel } = texts.twoSteps;
  const groups = secret.match(/.{1,4}/g) ?? [];
  const body = html`<div class="card set-up">
<h1>${setUpApp}</h1>
<p class="lead">${appLead}</p>
${qrCode(uri, label)}
<p class="quiet">${byHand}</p>
<p class="secret" translate="no">${groups.map((group) => html`<span>${group}</span> `)}</p>
<form method="post" action="${setUpLink(visit, AUTHENTICATOR)}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, holderOf(visitor))}
<input type="hidden" name="enrolmentToken" value="${enrolmentToken}">
${fieldOf(visit, { name: "code", label: appCode, type: "text", autocomplete: "one-time-code", inputMode: "numeric", maxLength: 12, isCode: true }, failure)}
<button type="submit">${turnOn}</button>
</form>
</div>
<p class="beside"><a href="${setUpCancelled(visit)}">${cancel}</a></p>`;
  const status = failure?.status ?? 200;
  const inLanguage = (tag: string): string => setUpLink(visit, AUTHENTICATOR, { ui_locales: tag });
  return render(visit, { title: setUpApp, body, width: "narrow", status, hasErrors: failure !== null, inLanguage });
}
