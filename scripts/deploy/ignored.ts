/**
 * Is the file at `path` left out of a build's context by a `.dockerignore` of these lines? The last line that speaks of it,
 * or of a folder above it, decides. Pure.
 */
export function isIgnored(path: string, lines: readonly string[]): boolean {
  const parts = path.split("/");
  const withFolders = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  let ignored = false;
  for (const line of lines) {
    const rule = line.trim();
    if (rule === "" || rule.startsWith("#")) continue;
    const isException = rule.startsWith("!");
    const pattern = patternOf(isException ? rule.slice(1) : rule);
    if (withFolders.some((each) => pattern.test(each))) ignored = !isException;
  }
  return ignored;
}

/** As Docker has it: a star also stands for names that begin with a dot, two for any number of folders. */
function patternOf(rule: string): RegExp {
  const escaped = rule.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const source = escaped.replaceAll(
    /\*\*\/|\*\*|\*|\?/g,
    (found) => ({ "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*" })[found] ?? "[^/]",
  );
  return new RegExp(`^${source}$`);
}
