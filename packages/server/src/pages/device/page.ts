import type { FoundDevice } from "../../oauth/find-device.ts";
import type { DeviceRequest } from "../../oauth/oauth-store.ts";
import { shownUserCode, typedUserCode } from "../../oauth/user-code.ts";
import { deviceLabel } from "../../sessions/device-label.ts";
import { iconOf } from "../account/device-list.ts";
import { initialOf } from "../account/page.ts";
import { asksOf } from "../authorize/consent-page.ts";
import { strangerNote } from "../authorize/stranger-note.ts";
import { fieldOf, summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import { render } from "../render.ts";
import { agoOf } from "../times.ts";
import type { Visit } from "../visit.ts";
import { holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";

export const DEVICE_PATH = "/device";

/** Asks for the code; one that a link has brought stands there already, and goes nowhere by itself. */
export function enterPage(visit: Visit, visitor: Visitor, typed: string, failure: Failure | null): Response {
  const { texts } = visit;
  const known = typedUserCode(typed);
  const value = known === null ? typed : shownUserCode(known);
  const hint = texts.deviceCodeHint;
  const field = {
    name: "user_code",
    label: texts.deviceCode,
    type: "text",
    autocomplete: "off",
    value,
    hint,
    maxLength: 32,
    autofocus: true,
  } as const;
  const body = html`<div class="card">
<h1>${texts.deviceTitle}</h1>
<form method="post" action="${visit.link(DEVICE_PATH)}" novalidate>
${summaryOf(visit, failure)}
${tokenField(visit, holderOf(visitor))}
${fieldOf(visit, field, failure)}
<button type="submit">${texts.deviceContinue}</button>
</form>
</div>`;
  const page = {
    title: texts.deviceTitle,
    body,
    width: "narrow",
    status: failure?.status ?? 200,
    hasErrors: failure !== null,
  } as const;
  return render(visit, { ...page, inLanguage: inLanguage(visit, typed) });
}

/** Who asks, for what, from where, and whose account it is about: a stranger may have sent the code, or the link with it. */
export function askPage(visit: Visit, visitor: Visitor, { request, client }: FoundDevice, failure: Failure | null): Response {
  const { texts, deps } = visit;
  const { user } = visitor;
  const { scopes, resources, userCode } = request;
  const title = texts.consentTitle(client.name, deps.settings.pages.name);
  const body = html`<div class="card consent">
<h1>${title}</h1>
${summaryOf(visit, failure)}
${client.selfRegistered !== undefined && strangerNote(client, texts)}
<p class="summary">${icon("alert")}<span>${texts.deviceCaution}</span></p>
<p class="quiet compare">${texts.deviceCompare}</p>
<p class="user-code">${shownUserCode(userCode)}</p>
${originOf(visit, request)}
<div class="whose">
<span class="initial" aria-hidden="true">${initialOf(user.name ?? user.email)}</span>
<p><strong>${user.email}</strong> <a href="${signInUrl(visit, shownUserCode(userCode), { prompt: "select_account" })}">${texts.otherAccount}</a></p>
</div>
<h2>${texts.consentAsks}</h2>
<ul class="asks">${asksOf(scopes, texts).map((ask) => html`<li>${icon("check")}<span>${ask}</span></li>`)}</ul>
${resources.length > 0 && html`<p class="quiet">${texts.consentFor(resources.join(", "))}</p>`}
<form method="post" action="${visit.link(DEVICE_PATH)}">
${tokenField(visit, decisionHolder(visitor, request))}
<input type="hidden" name="user_code" value="${shownUserCode(userCode)}">
<div class="choice">
<button type="submit" name="decision" value="allow">${texts.consentAllow}</button>
<button type="submit" name="decision" value="deny" class="second">${texts.consentDeny}</button>
</div>
</form>
</div>`;
  const page = { title, body, width: "narrow", status: failure?.status ?? 200, hasErrors: failure !== null } as const;
  return render(visit, { ...page, inLanguage: inLanguage(visit, shownUserCode(userCode)) });
}

/** The rest happens on the device. */
export function decidedPage(visit: Visit, isAllowed: boolean): Response {
  const { texts } = visit;
  const { title, text } = isAllowed ? texts.deviceAllowed : texts.deviceDenied;
  const body = html`<div class="card done${isAllowed ? "" : " not"}">
${icon(isAllowed ? "check" : "alert")}
<h1>${title}</h1>
<p class="lead">${text}</p>
</div>`;
  return render(visit, { title, body, width: "narrow", inLanguage: inLanguage(visit, "") });
}

/** To sign-in, and back with the code. */
export function signInUrl(visit: Visit, typed: string, more: Readonly<Record<string, string>> = {}): string {
  const { issuer } = visit.deps.settings;
  const code = typed === "" ? "" : `?${new URLSearchParams({ user_code: typed }).toString()}`;
  return new URL(visit.link("/sign-in", { return_to: issuer + DEVICE_PATH + code, ...more }), issuer).href;
}

/** What the form is bound to: this request, in this session. */
export function decisionHolder({ session }: Visitor, { hash }: DeviceRequest): string {
  return `device:${session.id}:${hash}`;
}

function originOf({ texts, locale, deps }: Visit, { userAgent, ip, createdAt }: DeviceRequest): Html {
  const name = userAgent === null ? texts.unknownDevice : deviceLabel(userAgent);
  const when = texts.deviceAsked(agoOf(locale, texts, createdAt, deps.sessions.clock()));
  return html`<div class="device from">
${icon(iconOf(userAgent))}
<div class="what">
<p class="name"><strong>${name}</strong></p>
<p class="quiet">${when}${ip !== null && html` <span class="ip">${ip}</span>`}</p>
</div>
</div>`;
}

/** The code goes along; whoever has seen what it is for looks it up once more. */
function inLanguage(visit: Visit, typed: string): (tag: string) => string {
  return (tag) => visit.link(DEVICE_PATH, { ui_locales: tag, ...(typed === "" ? {} : { user_code: typed }) });
}
