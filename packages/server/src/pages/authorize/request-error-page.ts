import type { OstiaryError } from "../../errors.ts";
import { html } from "../html.ts";
import { NO_REFERRER } from "../leaving-page.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";

/** For a request whose sender is not known: nobody is sent anywhere (RFC 9700 §4.11.2). Nothing of the request stands in it. */
export function requestErrorPage(visit: Visit, error: OstiaryError): Response {
  const { texts, deps } = visit;
  const { title, text } = texts.errors.authorization;
  const body = html`<div class="card error-page">
<p class="status" aria-hidden="true">400</p>
<h1>${title}</h1>
<p>${text}</p>
<p class="quiet" lang="en">${error.message}</p>
<p><a class="button" href="${deps.settings.issuer}/account">${texts.toAccount}</a></p>
</div>`;
  return render(visit, { title, body, width: "narrow", status: 400, headers: NO_REFERRER });
}
