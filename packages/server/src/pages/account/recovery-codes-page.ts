import { html } from "../html.ts";
import { icon } from "../icons.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";

/** The codes, this once. `next` is where they go on to. */
export function recoveryCodesPage(visit: Visit, { user }: Visitor, codes: readonly string[], next: string): Response {
  const { texts, deps } = visit;
  const { saveCodes, saveCodesLead, copy, copied, download, print, codesSaved, codesFile } = texts.twoSteps;
  const file = [codesFile(deps.settings.pages.name, user.email), "", ...codes, ""].join("\r\n");
  const body = html`<div class="card codes">
<h1>${saveCodes}</h1>
<p class="lead">${saveCodesLead}</p>
<ul class="code-list" id="codes" translate="no">${codes.map((code) => html`<li>${code}</li>`)}</ul>
<div class="actions">
<button type="button" class="second" data-copy="codes" data-done="${copied}" hidden>${icon("copy")}<span>${copy}</span></button>
<a class="button second" download="recovery-codes.txt" href="data:text/plain;charset=utf-8,${encodeURIComponent(file)}">${icon("download")}<span>${download}</span></a>
<button type="button" class="second" data-print hidden>${icon("print")}<span>${print}</span></button>
</div>
<p class="go-on"><a class="button" href="${next}">${codesSaved}</a></p>
</div>`;
  // In another language there would be nothing to see: they are shown once.
  return render(visit, { title: saveCodes, body, width: "narrow", inLanguage: (tag) => visit.link("/account", { ui_locales: tag }) });
}
