import type { Parameters } from "../../http/parameters.ts";
import { isAskedEachTime } from "../../oauth/decide-authorization.ts";
import type { AuthorizationRequest } from "../../oauth/authorization-request.ts";
import { hostOf } from "../../oauth/redirect-uri.ts";
import { initialOf } from "../account/page.ts";
import { tokenField } from "../form.ts";
import { html } from "../html.ts";
import { icon } from "../icons.ts";
import { NO_REFERRER } from "../leaving-page.ts";
import { render } from "../render.ts";
import type { Texts } from "../texts/texts.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";
import { authorizeUrl, fingerprintOf } from "./authorize-query.ts";
import { strangerNote } from "./stranger-note.ts";

export interface ConsentPage {
  readonly request: AuthorizationRequest;
  readonly parameters: Parameters;
  readonly visitor: Visitor;
  /** Where another user can sign in. */
  readonly otherAccount: string;
}

/** Who asks, for what, whose account it is about, and where they are taken: all that there is to decide on. */
export function consentPage(visit: Visit, { request, parameters, visitor, otherAccount }: ConsentPage): Response {
  const { texts, deps } = visit;
  const { client, redirectUri } = request.replyTo;
  const { user } = visitor;
  const title = texts.consentTitle(client.name, deps.settings.pages.name);
  const host = hostOf(redirectUri);
  const body = html`<div class="card consent">
<h1>${title}</h1>
${client.selfRegistered !== undefined && strangerNote(client, texts)}
<div class="whose">
<span class="initial" aria-hidden="true">${initialOf(user.name ?? user.email)}</span>
<p><strong>${user.email}</strong> <a href="${otherAccount}">${texts.otherAccount}</a></p>
</div>
<h2>${texts.consentAsks}</h2>
<ul class="asks">${asksOf(request.scopes, texts).map((ask) => html`<li>${icon("check")}<span>${ask}</span></li>`)}</ul>
${request.resources.length > 0 && html`<p class="quiet">${texts.consentFor(request.resources.join(", "))}</p>`}
${client.selfRegistered === undefined && isAskedEachTime(request.replyTo) && html`<p class="summary">${icon("alert")}<span>${texts.consentCaution}</span></p>`}
<form method="post" action="${authorizeUrl(visit, parameters, {}, "/consent")}">
${tokenField(visit, consentHolder(visitor, parameters))}
<div class="choice">
<button type="submit" name="decision" value="allow">${texts.consentAllow}</button>
<button type="submit" name="decision" value="deny" class="second">${texts.consentDeny}</button>
</div>
</form>
<p class="quiet leads">${host === null ? texts.consentLeadsToDevice : texts.consentLeadsTo(host)}</p>
</div>`;
  const inLanguage = (tag: string): string => authorizeUrl(visit, parameters, { ui_locales: tag });
  return render(visit, { title, body, width: "narrow", headers: NO_REFERRER, inLanguage });
}

/** What the form is bound to: this request, in this session. */
export function consentHolder({ session }: Visitor, parameters: Parameters): string {
  return `consent:${session.id}:${fingerprintOf(parameters)}`;
}

/** In words for people. */
export function asksOf(scopes: readonly string[], texts: Texts): string[] {
  if (scopes.length === 0) return [texts.consentNothing];
  return scopes.map((scope) => (isOpenIdScope(scope, texts) ? texts.consentScopes[scope] : texts.consentScope(scope)));
}

function isOpenIdScope(scope: string, { consentScopes }: Texts): scope is keyof Texts["consentScopes"] {
  return Object.hasOwn(consentScopes, scope);
}
