/** The form of the import table, and of the imports that are held against it. */
import type { ImportReference } from "./read-module.ts";

export interface PackageRule {
  /** The npm name. */
  name: string;
  /** Folders of the packages it may import. */
  workspace: readonly string[];
  /** Folders of the packages whose types it may import. */
  workspaceTypes?: readonly string[];
  /** Modules from outside the workspace; `*` ends a prefix. */
  outside: readonly string[] | "any";
}

interface Because {
  package: string;
  because: string;
}

export interface ImportTable {
  packages: Readonly<Record<string, PackageRule>>;
  directions: readonly (Because & { folders: readonly string[]; never: readonly string[] })[];
  importers: readonly (Because & { file: string; only: readonly string[] })[];
  outsideModules: readonly (Because & {
    modules: readonly string[];
    only?: readonly string[];
    notIn?: readonly string[];
  })[];
  environmentReaders: readonly string[];
  computedImports: readonly string[];
  tests: readonly string[];
}

/** One import, with everything a rule can ask about it. Paths are relative to the root, with forward slashes. */
export interface ImportEdge extends ImportReference {
  specifier: string;
  file: string;
  package: string;
  fromTest: boolean;
  /** The imported file, for a relative import. */
  target: string | undefined;
}

/** Places that end in a slash are folders; the others are files. */
export function isWithin(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place));
}
