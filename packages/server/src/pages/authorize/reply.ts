import { html } from "../html.ts";
import { responseUrl } from "../../oauth/authorization-response.ts";
import type { ResponseParameters } from "../../oauth/authorization-response.ts";
import type { ReplyTo } from "../../oauth/authorization-request.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import { leavingPage, NO_REFERRER } from "../leaving-page.ts";

/**
 * How people are led there: by a page of ours that leads on, without one, or by their own hand, where they have seen no page
 * of ours and nobody vouches for the address (RFC 9700 §4.11.2).
 */
type Way = "redirect" | "page" | "button";

/**
 * Leads back to the client with its answer. Never by 307 or 308, which would send a form on (RFC 9700 §4.12). After a form
 * of ours by a page, not by a redirect: browsers would hold it against `form-action`.
 */
export function reply(visit: Visit, replyTo: ReplyTo, parameters: ResponseParameters, way: Way): Response {
  if (replyTo.responseMode === "form_post") return formPostPage(visit, replyTo, parameters, way);
  const url = responseUrl(replyTo, parameters);
  if (way === "redirect") return visit.c.redirect(url, 303);
  const { texts } = visit;
  if (way === "button") {
    return leavingPage(visit, replyTo.redirectUri, html`<p><a class="button" href="${url}">${texts.goOn}</a></p>`);
  }
  const body = html`<div class="card">
<h1>${texts.oneMoment}</h1>
<p><a class="button" href="${url}">${texts.goOnTo(replyTo.client.name)}</a></p>
</div>`;
  return render(visit, { title: texts.oneMoment, body, width: "narrow", goesOnTo: url, headers: NO_REFERRER });
}

/** A form that sends itself, and has a button where there are no scripts (OAuth 2.0 Form Post Response Mode §2). */
function formPostPage(visit: Visit, { redirectUri, client }: ReplyTo, parameters: ResponseParameters, way: Way): Response {
  const { texts } = visit;
  const fields = Object.entries(parameters).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  const headers = { ...NO_REFERRER, "Content-Security-Policy": FORM_POST_POLICY };
  if (way === "button") {
    const form = html`<form method="post" action="${redirectUri}">${fields}<button type="submit">${texts.goOn}</button></form>`;
    return leavingPage(visit, redirectUri, form, headers);
  }
  const body = html`<div class="card">
<h1>${texts.oneMoment}</h1>
<form method="post" action="${redirectUri}" data-submit>
${fields}
<button type="submit">${texts.goOnTo(client.name)}</button>
</form>
</div>`;
  return render(visit, { title: texts.oneMoment, body, width: "narrow", headers });
}

/**
 * As of all pages, but without `form-action`: browsers hold against it also where the client sends people from there, which
 * is no affair of ours. There is one form on the page, and nothing in it that is not escaped.
 */
const FORM_POST_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'";
