import type { Client } from "../../clients/client.ts";
import { html } from "../html.ts";
import type { Html } from "../html.ts";
import { icon } from "../icons.ts";
import type { Texts } from "../texts/texts.ts";

/**
 * Of an app that nobody has vouched for: the host that its document is on, which it cannot make up, and what it says beyond
 * that.
 */
export function strangerNote({ id, selfRegistered }: Client, texts: Texts): Html {
  const { way, said } = selfRegistered ?? {};
  const links = [
    [said?.tos_uri, texts.appTerms],
    [said?.policy_uri, texts.appPrivacy],
  ].filter((link): link is [string, string] => link[0] !== undefined);
  return html`<div class="stranger">
${way === "document" && html`<p class="host">${new URL(id).host}</p>`}
<p class="summary">${icon("alert")}<span>${way === "document" ? texts.consentDocument : texts.consentStranger} ${texts.consentCaution}</span></p>
${links.length > 0 && html`<p class="quiet">${links.map(([href, label], i) => html`${i > 0 && " · "}<a href="${href}" rel="noopener noreferrer nofollow" target="_blank">${label}</a>`)}</p>`}
</div>`;
}
