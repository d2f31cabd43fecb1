import { html } from "../html.ts";
import { render } from "../render.ts";
import type { Visit } from "../visit.ts";

export interface Message {
  readonly title: string;
  readonly text: string;
  readonly next: { readonly href: string; readonly label: string };
  /** The page to show in another language. */
  readonly here: string;
}

/** What has been done, and where to go from here. */
export function messagePage(visit: Visit, { title, text, next, here }: Message): Response {
  const body = html`<div class="card by-mail">
<h1>${title}</h1>
<p role="status">${text}</p>
<p><a class="button" href="${next.href}">${next.label}</a></p>
</div>`;
  return render(visit, { title, body, width: "narrow", inLanguage: (tag) => visit.link(here, { ui_locales: tag }) });
}
