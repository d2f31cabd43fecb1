/** The kinds of values that settings have, in code and as the text of a variable. `meta` is for the reference. */
import { z } from "zod";

export const MINUTE = 60;
export const DAY = 86_400;

const UNITS = { s: 1, m: MINUTE, h: 3600, d: DAY } as const;

/** In seconds. */
export function duration({ min, max }: { min: number; max: number }) {
  const mend = `must be a number of seconds or a text like "15m" (s, m, h, d), from ${min} to ${max} seconds`;
  return z
    .union([z.number(), z.string()], mend)
    .transform((value) => (typeof value === "number" ? value : secondsOf(value)))
    .pipe(z.int(mend).min(min, mend).max(max, mend))
    .meta({ kind: "duration", min, max });
}

function secondsOf(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text.trim());
  return match === null ? Number.NaN : Number(match[1]) * UNITS[(match[2] || "s") as keyof typeof UNITS];
}

export function wholeNumber({ min, max }: { min: number; max: number }) {
  const mend = `must be a whole number from ${min} to ${max}`;
  return z
    .preprocess(
      (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
      z.int(mend).min(min, mend).max(max, mend),
    )
    .meta({ kind: "whole number", min, max });
}

/** A list, or text separated by commas or spaces. */
export const list = z
  .union([z.string(), z.array(z.string())], "must be a list, or a text separated by commas")
  .transform((value) => (typeof value === "string" ? listIn(value) : value))
  .meta({ kind: "list" });

export function listIn(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

export const onOrOff = z.enum(["on", "off"], "must be on or off");

export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, `must be one of ${values.join(", ")}`);
}

export function callback<Signature>() {
  return z.custom<Signature>((value) => typeof value === "function", "must be a function").meta({ kind: "function" });
}
