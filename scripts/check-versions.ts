/**
 * An install is the same everywhere: every dependency is pinned to one version, packages of the workspace name each
 * other by the version they have, and the lock file names no download host, so that it works behind any mirror.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { report } from "./report.ts";
import type { Problem } from "./report.ts";

interface Manifest {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface LockFile {
  packages: Record<string, { resolved?: string; link?: boolean }>;
}

/** Returns the unpinned dependencies and the download addresses in the lock file below `root`. */
export function checkVersions(root: string): Problem[] {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), "utf8"));
  const files = globSync(["package.json", "packages/*/package.json", "examples/*/package.json", "deploy/lint/package.json"], {
    cwd: root,
  });
  const manifests = files.map((file) => ({ file, manifest: read(file) as Manifest }));
  const workspace = new Map(manifests.map(({ manifest: { name, version } }) => [name, version]));

  const unpinned = manifests.flatMap(({ file, manifest }) =>
    [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]
      .flatMap((group) => Object.entries(group ?? {}))
      .flatMap(([name, version]) => problemWith(name, version, workspace).map((problem) => ({ file, problem }))),
  );
  const lock = read("package-lock.json") as LockFile;
  const hosted = Object.entries(lock.packages)
    .filter(([, { resolved, link }]) => resolved !== undefined && link !== true)
    .map(([name]) => ({
      file: "package-lock.json",
      problem: `${name} has a download address: run npm install again`,
    }));
  return [...unpinned, ...hosted];
}

function problemWith(
  name: string,
  version: string,
  workspace: ReadonlyMap<string | undefined, string | undefined>,
): string[] {
  const own = workspace.get(name);
  if (own !== undefined) return version === own ? [] : [`${name} is at ${own} here, not at ${version}`];
  return /^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version) ? [] : [`${name} is not pinned to one version: ${version}`];
}

if (import.meta.main) report(checkVersions(process.cwd()));
