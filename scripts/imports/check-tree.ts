/**
 * Judges every source file under packages/ by an import table. What a rule says is in the table; what it means is here.
 * Type-only imports, re-exports, dynamic imports and `import("x").Type` count like any other import.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

import type { Problem } from "../report.ts";
import { checkPlacement } from "./check-placement.ts";
import { findCycles } from "./find-cycles.ts";
import { readModule } from "./read-module.ts";
import { isWithin } from "./table.ts";
import type { ImportEdge, ImportTable } from "./table.ts";

/** Returns what breaks the table in `packages/<name>/{src,test}` below `root`. */
export function checkTree(root: string, table: ImportTable): Problem[] {
  const problems: Problem[] = [];
  const graph = new Map<string, string[]>();
  const isTest = (path: string) => table.tests.some((mark) => path.includes(mark));

  for (const file of sourceFiles(root)) {
    const folder = file.split("/")[1] ?? "";
    const { imports, environmentReads } = readModule(join(root, file));
    const fromTest = isTest(file);
    const say = (line: number, problem: string) => problems.push({ file, line, problem });

    if (!fromTest && !table.environmentReaders.includes(file)) {
      for (const line of environmentReads)
        say(line, `reads the environment; only ${table.environmentReaders.join(", ")} may`);
    }

    for (const reference of imports) {
      const { specifier, line } = reference;
      if (specifier === undefined) {
        const allowed = fromTest || isWithin(file, table.computedImports);
        if (!allowed) say(line, "imports a computed path, which cannot be checked");
        continue;
      }
      const target = specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : undefined;
      const edge: ImportEdge = { ...reference, specifier, file, package: folder, fromTest, target };
      for (const problem of checkPlacement(edge, table, (name) => exportsOf(root, name))) say(line, problem);
      if (target === undefined) continue;
      if (!fromTest && isTest(target)) say(line, `imports the test file ${target}`);
      if (!existsSync(join(root, target))) say(line, `imports "${specifier}", which does not exist`);
      graph.set(file, [...(graph.get(file) ?? []), target]);
    }
  }

  for (const cycle of findCycles(graph)) {
    problems.push({ file: cycle[0] ?? "", problem: `import cycle: ${cycle.join(" → ")}` });
  }
  return problems;
}

function sourceFiles(root: string): string[] {
  const found = globSync("packages/*/{src,test}/**/*.{ts,tsx}", { cwd: root });
  return found
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.includes("/node_modules/"))
    .toSorted();
}

/** The subpaths a package offers: `.`, `./express`, … */
function exportsOf(root: string, folder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as {
    exports?: Record<string, unknown>;
  };
  return Object.keys(manifest.exports ?? {});
}
