import type { Locale } from "./locale.ts";
import type { Texts } from "./texts/texts.ts";

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** "5 minutes ago": true in every time zone. Times in milliseconds. */
export function agoOf(locale: Locale, texts: Texts, then: number, now: number): string {
  const seconds = (now - then) / 1000;
  const unit = UNITS.find(([, size]) => seconds >= size);
  if (unit === undefined) return texts.justNow;
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-Math.floor(seconds / unit[1]), unit[0]);
}

/** "5 January 2026": the day in UTC; the script puts the day where the reader is in its place. */
export function dayOf(locale: Locale, at: number): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(at);
}

/** "15 minutes", rounded up. */
export function waitOf(locale: Locale, seconds: number): string {
  const [unit, size] = seconds <= 60 ? ["second", 1] : seconds <= 5400 ? ["minute", 60] : ["hour", 3600];
  const count = Math.max(1, Math.ceil(seconds / Number(size)));
  return new Intl.NumberFormat(locale, { style: "unit", unit: String(unit), unitDisplay: "long" }).format(count);
}
