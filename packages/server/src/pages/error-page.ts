import type { ContentfulStatusCode } from "hono/utils/http-status";
import { html } from "./html.ts";
import { documentOf, pageHeaders } from "./render.ts";
import type { ErrorPageName } from "./texts/texts.ts";
import type { Visit } from "./visit.ts";

/** The same refusal for a person: its status and headers, and a page in place of the JSON. */
export function errorPage(visit: Visit, refusal: Response): Response {
  const { texts, deps } = visit;
  const { title, text } = texts.errors[nameOf(refusal.status)];
  // By the server's own name: they may have come by another one, from which forms are refused.
  const account = deps.settings.issuer + visit.link("/account").slice(deps.settings.issuerPath.length);
  const body = html`<div class="card error-page">
<p class="status" aria-hidden="true">${refusal.status}</p>
<h1>${title}</h1>
<p>${text}</p>
<p><a class="button" href="${account}">${texts.toAccount}</a></p>
</div>`;
  const status = refusal.status as ContentfulStatusCode;
  const page = documentOf(visit, { title, body, width: "narrow", status });
  const headers = new Headers(refusal.headers);
  for (const [name, value] of Object.entries(pageHeaders(visit))) headers.set(name, value);
  headers.delete("Content-Length");
  return new Response(page.toString(), { status, headers });
}

function nameOf(status: number): ErrorPageName {
  if (status === 404 || status === 405) return "notFound";
  if (status === 403) return "forbidden";
  if (status === 429) return "tooMany";
  if (status === 503) return "unavailable";
  return status >= 500 ? "broken" : "badRequest";
}
