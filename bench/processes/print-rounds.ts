import type { Usage } from "./messages.ts";

export interface Measured {
  readonly name: string;
  readonly rounds: Round[];
  /** After the warm-up, and after the last round. */
  readonly before: Usage;
  readonly after: Usage;
}

export interface Round {
  readonly perSecond: number;
  readonly unavailable: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU microseconds of the server, for one answer. */
  readonly cpu: number;
}

/** A Markdown table of medians; ratios are to the last one, the floor. */
export function printRounds(title: string, measured: readonly Measured[]): void {
  const results = measured.map(({ name, rounds, before, after }) => {
    const of = (figure: keyof Round): number => median(rounds.map((round) => round[figure]));
    return { name, perSecond: of("perSecond"), p50: of("p50"), p99: of("p99"), cpu: of("cpu"), before, after };
  });
  const floor = results.at(-1);
  const ratio = (one: number, other = Number.NaN): string => (one / other).toFixed(2);
  const rows = results.map((r) => [
    r.name,
    Math.round(r.perSecond).toLocaleString("en"),
    ratio(r.perSecond, floor?.perSecond),
    r.p50.toFixed(1),
    r.p99.toFixed(1),
    String(Math.round(r.cpu)),
    ratio(floor?.cpu ?? Number.NaN, r.cpu),
    `${megabytes(r.before.residentBytes)} → ${megabytes(r.after.residentBytes)}`,
    `${megabytes(r.before.heapBytes)} → ${megabytes(r.after.heapBytes)}`,
  ]);
  const head = [title, "per second", "× floor", "p50 ms", "p99 ms", "CPU µs", "× floor", "resident MB", "heap MB"];
  const table = [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    console.log(`| ${cells.join(" | ")} |`);
  }
  for (const { name, rounds } of measured) {
    const unavailable = rounds.reduce((sum, round) => sum + round.unavailable, 0);
    if (unavailable > 0) console.log(`${name}: ${unavailable} answers were 503, because the store took too long`);
  }
  console.log("");
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}
