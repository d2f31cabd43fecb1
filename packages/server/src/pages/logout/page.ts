import type { LogoutParameters, LogoutRequest } from "../../oauth/end-sign-on.ts";
import { summaryOf, tokenField } from "../form.ts";
import type { Failure } from "../form.ts";
import { attributes, html } from "../html.ts";
import { icon } from "../icons.ts";
import { leavingPage } from "../leaving-page.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import { holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";

export const LOGOUT_PATH = "/oauth/logout";
/** Of our own page, which any client's could otherwise be taken for. */
export const CONFIRM_PATH = "/oauth/logout/confirm";

/** Asks: whoever sent them here has not proven to have signed them in. */
export function confirmPage(
  visit: Visit,
  visitor: Visitor,
  request: LogoutRequest,
  asked: LogoutParameters,
  failure: Failure | null,
): Response {
  const { texts, deps } = visit;
  const { client } = request;
  const kept = parametersOf(client?.id ?? null, asked);
  const fields = Object.entries(kept).map(([name, value]) => html`<input${attributes({ type: "hidden", name, value })}>`);
  const title = texts.signOutOf(deps.settings.pages.name);
  const body = html`<div class="card">
<h1>${title}</h1>
${summaryOf(visit, failure)}
<p class="lead">${client === null ? texts.signOutAsked : texts.signOutAskedBy(client.name)}</p>
<p class="who">${icon("person")}<span>${visitor.user.email}</span></p>
<form${attributes({ method: "post", action: visit.link(CONFIRM_PATH), novalidate: true })}>
${tokenField(visit, holderOf(visitor))}
${fields}
<div class="choice">
<button type="submit">${texts.signOut}</button>
<a class="button second" href="${visit.link("/account")}">${texts.staySignedIn}</a>
</div>
</form>
</div>`;
  return render(visit, {
    title,
    body,
    width: "narrow",
    status: failure?.status ?? 200,
    hasErrors: failure !== null,
    inLanguage: inLanguage(visit, kept),
  });
}

/** All there is to say where no client waits; else it leads on by itself, if it may. */
export function signedOutPage(visit: Visit, { client, returnTo }: LogoutRequest, { leadsOn = true } = {}): Response {
  const { texts } = visit;
  if (returnTo !== null && !leadsOn) {
    return leavingPage(visit, returnTo, html`<p><a class="button" href="${returnTo}">${texts.goOn}</a></p>`);
  }
  const next =
    client === null || returnTo === null
      ? html`<p class="lead">${texts.signedOutText}</p>
<p><a class="button second" href="${visit.link("/sign-in")}">${texts.signInAction}</a></p>`
      : html`<p><a class="button" href="${returnTo}">${texts.goOnTo(client.name)}</a></p>`;
  const body = html`<div class="card done">
${icon("check")}
<h1>${texts.signedOut}</h1>
${next}
</div>`;
  return render(visit, {
    title: texts.signedOut,
    body,
    width: "narrow",
    inLanguage: inLanguage(visit, {}),
    ...(returnTo === null ? {} : { goesOnTo: returnTo }),
  });
}

/** The same question in another language. */
function inLanguage(visit: Visit, kept: Readonly<Record<string, string>>): (tag: string) => string {
  return (tag) => visit.link(LOGOUT_PATH, { ...kept, ui_locales: tag });
}

/** What a confirmation has to bring along: the ID token has served its turn, and is not for a page. */
function parametersOf(clientId: string | null, { postLogoutRedirectUri, state }: LogoutParameters): Record<string, string> {
  if (clientId === null) return {};
  return {
    client_id: clientId,
    ...(postLogoutRedirectUri === null ? {} : { post_logout_redirect_uri: postLogoutRedirectUri }),
    ...(state === null ? {} : { state }),
  };
}
