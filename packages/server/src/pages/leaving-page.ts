import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { icon } from "./icons.ts";
import { render } from "./render.ts";
import type { Visit } from "./visit.ts";

/** What comes after our page is told nothing of where it was (RFC 9700 §4.2.4). */
export const NO_REFERRER = { "Referrer-Policy": "no-referrer" };

/**
 * Before people leave for an address that nobody vouches for: names the host, and leads there by nothing but `button`. Without
 * it a link to us would be one to wherever a stranger has registered (RFC 9700 §4.11.2).
 */
export function leavingPage(
  visit: Visit,
  address: string,
  button: Html,
  headers: Readonly<Record<string, string>> = NO_REFERRER,
): Response {
  const { texts } = visit;
  const url = URL.parse(address);
  const title = texts.leaving;
  const body = html`<div class="card">
<h1>${title}</h1>
<div class="stranger">
<p class="host">${url?.host || url?.protocol || address}</p>
<p class="summary">${icon("alert")}<span>${texts.leavingCaution}</span></p>
</div>
${button}
</div>`;
  return render(visit, { title, body, width: "narrow", headers });
}
