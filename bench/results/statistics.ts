/** Figures of the rounds. */
import type { Figure, Line, Part } from "./part.ts";

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** Of an even number, the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** Null where the line was not measured, or what it is a multiple of. */
export function summarize(part: Part, line: Line, figure: Figure): Summary | null {
  const values = valuesOf(part, line, figure).filter((value) => Number.isFinite(value));
  if (values.length === 0) return null;
  return { median: median(values), least: Math.min(...values), greatest: Math.max(...values) };
}

/** Ratios are of the same round: what a slow moment of the machine did to one, it did to the other. */
function valuesOf(part: Part, line: Line, { of, over, toBase = false }: Figure): number[] {
  const own = quotients(line, of, over);
  if (toBase === false) return own;
  const base = part.lines.find(({ name }) => name === (line.against ?? part.base));
  if (base === undefined) return [];
  const theirs = quotients(base, of, over);
  return own.map((value, round) => {
    const other = theirs[round] ?? Number.NaN;
    return toBase === "inverse" ? other / value : value / other;
  });
}

function quotients({ samples }: Line, of: string, over: string | undefined): number[] {
  const values = samples[of] ?? [];
  return over === undefined ? [...values] : values.map((value, round) => value / (samples[over]?.[round] ?? Number.NaN));
}
