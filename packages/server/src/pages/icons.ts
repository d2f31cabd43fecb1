import { html } from "./html.ts";
import type { Html } from "./html.ts";

/** Drawn here, on a grid of 24 by 24. All are beside a text that says the same. */
const SHAPES = {
  mark: html`<rect width="24" height="24" rx="6" fill="var(--ostiary-accent)"/><path d="M6.5 19.5V10.6a5.5 5.5 0 0 1 11 0v8.9z" fill="var(--ostiary-on-accent)"/><path d="M12 9.9a1.75 1.75 0 0 1 .95 3.22l.6 3.38h-3.1l.6-3.38A1.75 1.75 0 0 1 12 9.9z" fill="var(--ostiary-accent)"/>`,
  check: html`<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
  alert: html`<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5M12 16.4v.1"/>`,
  laptop: html`<rect x="4.5" y="5" width="15" height="10.5" rx="1.5"/><path d="M2.5 19h19"/>`,
  phone: html`<rect x="7" y="2.5" width="10" height="19" rx="2.2"/><path d="M11 18.5h2"/>`,
  person: html`<circle cx="12" cy="8.5" r="4"/><path d="M4.5 20a7.5 7.5 0 0 1 15 0"/>`,
  key: html`<circle cx="8" cy="15.5" r="4.5"/><path d="m11.3 12.2 8.2-8.2M16 7.5l3 3M13.5 10l2 2"/>`,
  code: html`<rect x="6.5" y="2.5" width="11" height="19" rx="2.2"/><path d="M10 9.5v.1M14 9.5v.1M10 13v.1M14 13v.1M10.5 18.5h3"/>`,
  copy: html`<rect x="8.5" y="8.5" width="12" height="12" rx="2"/><path d="M15.5 5.5v-.5a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 5v9A1.5 1.5 0 0 0 5 15.5h.5"/>`,
  download: html`<path d="M12 3.5v12M7 11l5 5 5-5M4.5 20.5h15"/>`,
  print: html`<path d="M7 8.5v-5h10v5M7 17H4.5A1.5 1.5 0 0 1 3 15.5V10a1.5 1.5 0 0 1 1.5-1.5h15A1.5 1.5 0 0 1 21 10v5.5a1.5 1.5 0 0 1-1.5 1.5H17"/><rect x="7" y="14" width="10" height="6.5"/>`,
  list: html`<rect x="4" y="3.5" width="16" height="17" rx="2.2"/><path d="M8 8.5h8M8 12h8M8 15.5h4"/>`,
  app: html`<rect x="3.5" y="3.5" width="7" height="7" rx="1.8"/><rect x="13.5" y="3.5" width="7" height="7" rx="1.8"/><rect x="3.5" y="13.5" width="7" height="7" rx="1.8"/><rect x="13.5" y="13.5" width="7" height="7" rx="1.8"/>`,
  terminal: html`<rect x="3" y="4.5" width="18" height="15" rx="2"/><path d="m7 9.5 3 2.5-3 2.5M12.5 15H17"/>`,
} as const;

export type IconName = keyof typeof SHAPES;

export function icon(name: IconName): Html {
  return html`<svg class="icon icon-${name}" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}
