/** The indented blocks that `ostiary start` prints to be copied: the walk-through first, then the guarded app. */
export function printedBlocks(output: string): string[] {
  const blocks: string[][] = [[]];
  for (const line of output.split("\n")) {
    if (line === "" || line.startsWith("  ")) blocks.at(-1)?.push(line);
    else blocks.push([]);
  }
  return blocks.map((lines) => lines.join("\n").replace(/^\n+|\n+$/g, "")).filter((block) => block !== "");
}

/** The blocks of a Markdown text that are fenced as `language`. */
export function fencedBlocks(markdown: string, language: string): string[] {
  const fence = new RegExp("^```" + language + "\\n([\\s\\S]*?)\\n```$", "gm");
  return Array.from(markdown.matchAll(fence), ([, code = ""]) => code);
}

/** Without what all lines are indented by. */
export function outdented(block: string): string {
  return block.replaceAll(/^ {2}/gm, "");
}
