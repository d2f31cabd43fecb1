/** How a check of the repository's own ends: a line per problem, and exit code 1 when there is one. */

export interface Problem {
  file: string;
  line?: number;
  problem: string;
}

/** Prints the problems, by file, and sets the exit code. */
export function report(problems: readonly Problem[]): void {
  const byPlace = problems.toSorted((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0));
  for (const { file, line, problem } of byPlace) {
    console.error(`${file}${line === undefined ? "" : `:${line}`}  ${problem}`);
  }
  if (problems.length > 0) process.exitCode = 1;
}
