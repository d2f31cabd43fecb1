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
  app: html`<rect x="3.5" y="3.5" width="7" height="7" rx="1.8"/><rect x="13.5" y="3.5" width="7" height="7" rx="1.8"/><rect x="3.5" y="13.5" width="7" height="7" rx="1.8"/><rect x="13.5" y="13.5" width="7" height="7" rx="1.8"/>`,
  terminal: html`<rect x="3" y="4.5" width="18" height="15" rx="2"/><path d="m7 9.5 3 2.5-3 2.5M12.5 15H17"/>`,
} as const;

export type IconName = keyof typeof SHAPES;

export function icon(name: IconName): Html {
  return html`<svg class="icon icon-${name}" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}
