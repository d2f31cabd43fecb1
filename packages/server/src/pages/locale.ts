import { english } from "./texts/english.ts";
import { korean } from "./texts/korean.ts";
import type { Texts } from "./texts/texts.ts";

/** The languages of the pages; the first is for everyone whose own is missing. */
export const LANGUAGES = { en: english, ko: korean } as const satisfies Record<string, Texts>;

export type Locale = keyof typeof LANGUAGES;

/**
 * The language to speak: the first known of `ui_locales` (OpenID Connect Core §3.1.2.1, space-separated), else the best
 * of `Accept-Language` (RFC 9110 §12.5.4), else English.
 */
export function chooseLocale(uiLocales: string | undefined, acceptLanguage: string | undefined): Locale {
  const asked = (uiLocales ?? "").slice(0, MAX_LENGTH).split(/\s+/);
  const accepted = (acceptLanguage ?? "").slice(0, MAX_LENGTH).split(",").map(weighted);
  const byWeight = accepted.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  return [...asked, ...byWeight.map(({ tag }) => tag)].map(known).find((locale) => locale !== null) ?? "en";
}

/** Nobody speaks more languages than fit. */
const MAX_LENGTH = 500;

function weighted(range: string): { tag: string; weight: number } {
  const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
  const q = parameters.find((parameter) => /^q=/i.test(parameter));
  return { tag, weight: q === undefined ? 1 : Number(q.slice(2)) };
}

/** By the language alone: whoever asks for `en-GB` can read English. */
function known(tag: string): Locale | null {
  const language = tag.split("-", 1)[0]?.toLowerCase() ?? "";
  return Object.hasOwn(LANGUAGES, language) ? (language as Locale) : null;
}
