/**
 * What is published: the public packages, packed as for publishing, looked through, and linted (publint, are the types
 * wrong).
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { readmeProblems } from "./published-readme.ts";

export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  engines?: { node?: string };
  repository?: unknown;
}

export interface PublicPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface Tarball extends PublicPackage {
  /** Its path. */
  readonly file: string;
  /** In bytes. */
  readonly size: number;
}

const PUBLINT = "publint@0.3.25";
const ARE_THE_TYPES_WRONG = "@arethetypeswrong/cli@0.18.5";
/** What people install to verify tokens or to sign in has no dependency but our own, and stays small: kB packed. */
export const LEAN: Readonly<Record<string, number>> = {
  "@ostiary/protocol": 20,
  "@ostiary/jwt": 90,
  "@ostiary/guard": 200,
  "@ostiary/client": 100,
};

/** In the order in which they can be published: each after those of ours that it needs. */
export function publicPackages(root: string): PublicPackage[] {
  const found = globSync("packages/*/package.json", { cwd: root })
    .toSorted()
    .map((file) => ({ folder: join(root, dirname(file)), manifest: readManifest(join(root, file)) }))
    .filter(({ manifest }) => manifest.private !== true);
  const ordered: PublicPackage[] = [];
  while (ordered.length < found.length) {
    const missing = found.filter((each) => !ordered.includes(each));
    const names = new Set(missing.map(({ manifest }) => manifest.name));
    const next = missing.find(({ manifest }) => !Object.keys(manifest.dependencies ?? {}).some((name) => names.has(name)));
    if (next === undefined) throw new Error(`The packages ${[...names].join(", ")} need each other.`);
    ordered.push(next);
  }
  return ordered;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

/** Packs them into the folder `into`, and says what is wrong, a sentence each. */
export function packAll(packages: readonly PublicPackage[], into: string): { tarballs: Tarball[]; problems: string[] } {
  // The permissions of what is compiled are in the tarball: they are the same wherever it is made.
  process.umask(0o022);
  mkdirSync(into, { recursive: true });
  const packed = packages.map((each) => pack(each, into));
  return { tarballs: packed.map(({ tarball }) => tarball), problems: packed.flatMap(({ problems }) => problems) };
}

interface Packed {
  filename: string;
  /** Bytes of the tarball. */
  size: number;
  files: { path: string }[];
}

function pack({ folder, manifest }: PublicPackage, into: string): { tarball: Tarball; problems: string[] } {
  const { name } = manifest;
  const before = readFileSync(join(folder, "package.json"), "utf8");
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", into], folder)) as Packed[];
  if (packed === undefined) throw new Error(`npm packed nothing for ${name}`);

  const paths = packed.files.map(({ path }) => path);
  const stray = paths.filter((path) => !/^(?:dist\/|assets\/|package\.json$|README\.md$|LICENSE$|style\.css$)/.test(path));
  const tests = paths.filter((path) => /\.test\.|\/conformance\//.test(path));
  const problems = [...new Set([...stray, ...tests])].map((path) => `${name}: ${path} should not be published`);
  if (readFileSync(join(folder, "package.json"), "utf8") !== before) problems.push(`${name}: package.json was not restored`);
  problems.push(
    ...readmeProblems(name, paths.includes("README.md") ? readFileSync(join(folder, "README.md"), "utf8") : undefined),
  );
  if (!paths.includes("LICENSE")) problems.push(`${name}: the license is missing`);
  const limit = LEAN[name] ?? Infinity;
  if (packed.size > limit * 1000) problems.push(`${name}: ${packed.size} bytes, which is over ${limit} kB`);
  console.log(`${name}: ${paths.length} files, ${Math.ceil(packed.size / 1000)} kB`);
  return { tarball: { folder, manifest, file: join(into, packed.filename), size: packed.size }, problems };
}

/** As others will see them: ESM only, so what CommonJS would find does not count; styles have no types. Installs in `folder`. */
export function lintTarballs(tarballs: readonly Tarball[], folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "tools", private: true }));
  run("npm", ["install", "--no-audit", "--no-fund", PUBLINT, ARE_THE_TYPES_WRONG], folder);
  const command = (name: string): string => join(folder, "node_modules/.bin", name);
  return tarballs.flatMap(({ file, manifest }) => {
    const styles = Object.keys(manifest.exports ?? {}).filter((subpath) => subpath.endsWith(".css"));
    const without = styles.length === 0 ? [] : ["--exclude-entrypoints", ...styles];
    return [
      ...problemOf(`publint ${basename(file)}`, command("publint"), [file, "--strict"], folder),
      ...problemOf(`attw ${basename(file)}`, command("attw"), [file, "--profile", "esm-only", ...without], folder),
    ];
  });
}

/** None, or one: what the command printed when it failed. */
export function problemOf(what: string, command: string, args: string[], cwd: string): string[] {
  try {
    run(command, args, cwd);
    return [];
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Runs a command to its end and returns what it printed. Throws with its output when it fails. */
export function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed\n${stdout}${stderr}`);
  return stdout;
}
