/** The rules for one import: may this file, in this place, import that? Reads nothing but the table it is given. */
import { isWithin } from "./table.ts";
import type { ImportEdge, ImportTable, PackageRule } from "./table.ts";

type ExportsOf = (folder: string) => readonly string[];

/** Returns a sentence for each rule the import breaks. */
export function checkPlacement(edge: ImportEdge, table: ImportTable, exportsOf: ExportsOf): string[] {
  const rule = table.packages[edge.package];
  if (rule === undefined) return [`packages/${edge.package} is not in the import table`];
  if (edge.target !== undefined) return checkRelative(edge, edge.target, table);

  const owner = Object.entries(table.packages).find(([, { name }]) => isModule(edge.specifier, name));
  if (owner !== undefined) return checkWorkspace(edge, rule, owner[0], owner[1].name, exportsOf);
  return edge.fromTest ? [] : checkOutside(edge, rule, table);
}

function checkRelative(edge: ImportEdge, target: string, table: ImportTable): string[] {
  if (!target.startsWith(`packages/${edge.package}/`)) {
    return [`imports "${edge.specifier}", which is outside its package: import the other package by its name`];
  }
  if (edge.fromTest) return [];
  const from = withinSource(edge.file);
  const to = withinSource(target);
  const problems: string[] = [];

  for (const { package: owner, folders, never, because } of table.directions) {
    const applies = owner === edge.package && isWithin(from, asFolders(folders)) && isWithin(to, asFolders(never));
    if (applies) problems.push(`imports "${edge.specifier}", but ${because}`);
  }
  for (const { package: owner, file, only, because } of table.importers) {
    const applies = owner === edge.package && to === file && !isWithin(from, only);
    if (applies) problems.push(`imports "${edge.specifier}", but ${because} (only ${only.join(", ")} may)`);
  }
  return problems;
}

function checkWorkspace(
  edge: ImportEdge,
  rule: PackageRule,
  owner: string,
  name: string,
  exportsOf: ExportsOf,
): string[] {
  if (owner === edge.package) {
    return edge.fromTest ? [] : [`imports its own package by name ("${edge.specifier}"): use a relative path`];
  }
  const allowed = rule.workspace.includes(owner) || (edge.typeOnly && rule.workspaceTypes?.includes(owner) === true);
  if (!allowed) {
    const typesOnly = rule.workspaceTypes?.includes(owner) === true ? " other than its types" : "";
    return [`imports "${edge.specifier}": ${edge.package} may not import ${owner}${typesOnly}`];
  }
  const subpath = `.${edge.specifier.slice(name.length)}`;
  return exportsOf(owner).includes(subpath) ? [] : [`imports "${edge.specifier}", which ${owner} does not export`];
}

function checkOutside(edge: ImportEdge, rule: PackageRule, table: ImportTable): string[] {
  const matches = (patterns: readonly string[]) => patterns.some((pattern) => isModule(edge.specifier, pattern));
  if (rule.outside !== "any" && !matches(rule.outside)) {
    return [
      `imports "${edge.specifier}": ${edge.package} may import ${rule.outside.join(", ") || "nothing"} from outside`,
    ];
  }
  const from = withinSource(edge.file);
  return table.outsideModules
    .filter(({ package: owner, modules }) => owner === edge.package && matches(modules))
    .filter(({ only, notIn }) => (only !== undefined && !isWithin(from, only)) || isWithin(from, notIn ?? []))
    .map(({ because }) => `imports "${edge.specifier}", but ${because}`);
}

/** `hono/html` belongs to `hono`; `@hono/*` and `node:*` name everything with that beginning. */
function isModule(specifier: string, pattern: string): boolean {
  if (pattern.endsWith("*")) return specifier.startsWith(pattern.slice(0, -1));
  return specifier === pattern || specifier.startsWith(`${pattern}/`);
}

const withinSource = (path: string): string => path.split("/").slice(3).join("/");

const asFolders = (folders: readonly string[]): string[] => folders.map((folder) => `${folder}/`);
