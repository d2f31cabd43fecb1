/** A part as a table that is Markdown as well as text. */
import type { Column, Part } from "./part.ts";
import { summarize } from "./statistics.ts";

/** The first column to the left, numbers to the right. */
export function tableOf(part: Part, style: "text" | "markdown"): string {
  const head = ["", ...part.columns.map(({ title }) => title)];
  const rows = part.lines.map((line) => [
    style === "markdown" && line.kind === "ours" ? `**${line.name}**` : line.name,
    ...part.columns.map((column) => cellOf(part, line, column)),
  ]);
  return alignTable([head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...rows]);
}

function cellOf(part: Part, line: Part["lines"][number], column: Column): string {
  const summary = summarize(part, line, column);
  if (summary === null) return "";
  const middle = formatNumber(summary.median, column.digits);
  if (column.spread !== true) return middle;
  const [least, greatest] = [summary.least, summary.greatest].map((value) => formatNumber(value, column.digits));
  return least === greatest ? middle : `${middle} (${least}–${greatest})`;
}

export function formatNumber(value: number, digits: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function alignTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row, i) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      if (i === 1) return cell.endsWith(":") ? `${"-".repeat(Math.max(3, width) - 1)}:` : "-".repeat(Math.max(3, width));
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${cells.join(" | ")} |`;
  });
  return lines.join("\n");
}
