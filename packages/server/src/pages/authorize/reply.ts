import { html } from "../html.ts";
import { responseUrl } from "../../oauth/authorization-response.ts";
import type { ResponseParameters } from "../../oauth/authorization-response.ts";
import type { ReplyTo } from "../../oauth/authorization-request.ts";
import { render } from "../render.ts";
import type { Page } from "../render.ts";
import type { Visit } from "../visit.ts";

/** What comes after our page is told nothing of where it was (RFC 9700 §4.2.4). */
export const NO_REFERRER = { "Referrer-Policy": "no-referrer" };

/**
 * Leads back to the client with its answer. Never by 307 or 308, which would send a form on (RFC 9700 §4.12). After a form
 * of ours by a page, not by a redirect: browsers would hold it against `form-action`.
 */
export function reply(visit: Visit, replyTo: ReplyTo, parameters: ResponseParameters, { afterForm }: { afterForm: boolean }): Response {
  if (replyTo.responseMode === "form_post") return formPostPage(visit, replyTo, parameters);
  const url = responseUrl(replyTo, parameters);
  if (!afterForm) return visit.c.redirect(url, 303);
  const { texts } = visit;
  const body = html`<div class="card">
<h1>${texts.oneMoment}</h1>
<p><a class="button" href="${url}">${texts.goOnTo(replyTo.client.name)}</a></p>
</div>`;
  return render(visit, { title: texts.oneMoment, body, width: "narrow", goesOnTo: url, headers: NO_REFERRER });
}

/** A form that sends itself, and has a button where there are no scripts (OAuth 2.0 Form Post Response Mode §2). */
function formPostPage(visit: Visit, { redirectUri, client }: ReplyTo, parameters: ResponseParameters): Response {
  const { texts } = visit;
  const body = html`<div class="card">
<h1>${texts.oneMoment}</h1>
<form method="post" action="${redirectUri}" data-submit>
${Object.entries(parameters).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button type="submit">${texts.goOnTo(client.name)}</button>
</form>
</div>`;
  const page: Page = { title: texts.oneMoment, body, width: "narrow", headers: { ...NO_REFERRER, "Content-Security-Policy": FORM_POST_POLICY } };
  return render(visit, page);
}

/**
 * As of all pages, but without `form-action`: browsers hold against it also where the client sends people from there, which
 * is no affair of ours. There is one form on the page, and nothing in it that is not escaped.
 */
const FORM_POST_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'";
