import { html as tagged } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** Markup: what was interpolated has been escaped. */
export type Html = HtmlEscapedString;

/** What may stand in a template; null and false leave nothing. */
type Part = Html | string | number | boolean | null | undefined | readonly Part[];

/** Markup of a template. Text is escaped, markup is not; nothing in it may be a promise. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return tagged(strings, ...parts) as Html;
}

/** Attributes by name: null and false leave one out, true leaves its value out. */
export function attributes(all: Readonly<Record<string, string | number | boolean | null | undefined>>): Html[] {
  return Object.entries(all).flatMap(([name, value]) => {
    if (value === null || value === undefined || value === false) return [];
    return [value === true ? html` ${name}` : html` ${name}="${value}"`];
  });
}
