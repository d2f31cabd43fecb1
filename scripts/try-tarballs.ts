/**
 * `npm run test:packages`: packs every public package as for publishing, installs the tarballs into an empty project
 * outside the workspace, and uses them there: every export is imported by plain node and type-checked by a strict
 * consumer, every command is started.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

interface Manifest {
  name: string;
  private?: boolean;
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

interface Packed {
  filename: string;
  files: { path: string }[];
}

const root = join(import.meta.dirname, "..");
const project = mkdtempSync(join(tmpdir(), "try-tarballs-"));
const tarballs = join(project, "tarballs");
const failures: string[] = [];

const packages = globSync("packages/*/package.json", { cwd: root })
  .toSorted()
  .map((file) => ({ folder: join(root, dirname(file)), manifest: readManifest(join(root, file)) }))
  .filter(({ manifest }) => manifest.private !== true);

try {
  mkdirSync(tarballs);
  const packed = packages.map(({ folder, manifest }) => pack(folder, manifest));
  install(packed.map(({ filename }) => `./tarballs/${filename}`));
  for (const { manifest } of packages) tryImports(manifest);
  tryTypes();
  for (const { manifest } of packages) tryCommands(manifest);
} finally {
  rmSync(project, { recursive: true, force: true });
}

for (const failure of failures) console.error(failure);
console.log(failures.length === 0 ? "All packages work as published." : `${failures.length} problems.`);
if (failures.length > 0) process.exitCode = 1;

function pack(folder: string, { name }: Manifest): Packed {
  const before = readFileSync(join(folder, "package.json"), "utf8");
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", tarballs], folder)) as Packed[];
  if (packed === undefined) throw new Error(`npm packed nothing for ${name}`);
  if (readFileSync(join(folder, "package.json"), "utf8") !== before)
    failures.push(`${name}: package.json was not restored`);

  const paths = packed.files.map(({ path }) => path);
  const stray = paths.filter((path) => !/^(?:dist\/|assets\/|package\.json$|README\.md$|LICENSE$|style\.css$)/.test(path));
  const tests = paths.filter((path) => /\.test\.|\/conformance\//.test(path));
  for (const path of new Set([...stray, ...tests])) failures.push(`${name}: ${path} should not be published`);
  if (!paths.includes("LICENSE")) failures.push(`${name}: the license is missing`);
  console.log(`${name}: ${paths.length} files`);
  return packed;
}

function install(files: string[]): void {
  const peers = Object.assign({}, ...packages.map(({ manifest }) => manifest.peerDependencies ?? {})) as Record<
    string,
    string
  >;
  const wanted = Object.entries(peers).map(([name, range]) => `${name}@${range}`);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  run("npm", [
    "install",
    "--no-audit",
    "--no-fund",
    ...files,
    ...wanted,
    `@types/node@${process.versions.node.split(".")[0]}`,
  ]);
}

function tryImports(manifest: Manifest): void {
  for (const specifier of specifiersOf(manifest)) {
    attempt(`import "${specifier}"`, process.execPath, [
      "--input-type=module",
      "--eval",
      `await import("${specifier}")`,
    ]);
  }
}

function tryTypes(): void {
  const specifiers = packages.flatMap(({ manifest }) => specifiersOf(manifest));
  const lines = specifiers.map((specifier, index) => `export * as p${index} from "${specifier}";`);
  writeFileSync(join(project, "consumer.ts"), lines.join("\n"));
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "es2024"];
  // skipLibCheck is off: the declarations themselves are what is tried.
  attempt("the types", "tsc", [...strict, "--noEmit", "--types", "node", "consumer.ts"]);
}

function tryCommands({ bin = {} }: Manifest): void {
  for (const command of Object.keys(bin))
    attempt(`${command} --help`, join("node_modules/.bin", command), ["--help"]);
}

function specifiersOf({ name, exports = {} }: Manifest): string[] {
  const modules = Object.keys(exports).filter((subpath) => !subpath.endsWith(".css"));
  return modules.map((subpath) => name + subpath.slice(1));
}

function attempt(what: string, command: string, args: string[]): void {
  try {
    run(command, args);
  } catch (error) {
    failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Runs a command to its end and returns what it printed. Throws with its output when it fails. */
function run(command: string, args: string[], cwd = project): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed\n${stdout}${stderr}`);
  return stdout;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}
