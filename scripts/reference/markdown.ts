/** Markdown as the generated pages use it. */

/** A table, or nothing where there are no rows. A column that is empty in every row is left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const filled = head.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const line = (cells: readonly string[]): string => `| ${cells.filter((_, column) => filled[column]).map(cell).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(filled.filter(Boolean).length)}`, ...rows.map(line)];
}

function cell(text: string): string {
  return text.replaceAll("\n", " ").replaceAll(/(?<!\\)\|/g, "\\|");
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Blocks with an empty line between; empty blocks are left out. */
export function page(...blocks: readonly (string | readonly string[])[]): string {
  const texts = blocks.map((block) => (typeof block === "string" ? block : block.join("\n")));
  return `${texts.filter((text) => text !== "").join("\n\n")}\n`;
}

/** What stands at the head of each. `sources` are paths from the root of the repository. */
export function generatedFrom(...sources: readonly string[]): string {
  return `<!-- Written by \`npm run docs:reference\` from ${sources.join(", ")}: change it there. -->`;
}
