/** Finds import cycles in a graph of files. It knows nothing of how the graph was made. */

/**
 * Returns one path for each group of files that reach each other, starting and ending at the same file. Breaking the
 * returned cycles one after the other ends with none.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];

  const visit = (file: string): void => {
    if (done.has(file)) return;
    const start = path.indexOf(file);
    if (start !== -1) {
      cycles.push([...path.slice(start), file]);
      return;
    }
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };

  for (const file of [...graph.keys()].toSorted()) visit(file);
  return cycles;
}
