/**
 * `npm run test:packages`: packs every public package as for publishing, lints the tarballs (publint, are the types wrong),
 * installs them into an empty project outside the workspace, and uses them there: every export is imported by plain node,
 * also by the oldest that the package takes, and type-checked by a strict consumer; every command is started. What is for
 * APIs and browsers is installed alone too, and must bring nothing that is not ours. Last, the programs of the guides,
 * on Deno, Bun and workerd too.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { tryGuides } from "./try-guides.ts";
import { tryRuntimes } from "./try-runtimes.ts";

interface Manifest {
  name: string;
  private?: boolean;
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  engines?: { node?: string };
}

interface Packed {
  filename: string;
  /** Bytes of the tarball. */
  size: number;
  files: { path: string }[];
}

const PUBLINT = "publint@0.3.25";
const ARE_THE_TYPES_WRONG = "@arethetypeswrong/cli@0.18.5";
/** What people install to verify tokens or to sign in has no dependency but our own, and stays small: kB packed. */
const LEAN: Readonly<Record<string, number>> = { "@ostiary/protocol": 20, "@ostiary/jwt": 90, "@ostiary/guard": 160, "@ostiary/client": 100 };
const NODE_22 = `node-linux-${process.arch}@22.23.3`;

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
  const files = packed.map(({ filename }) => join(tarballs, filename));
  lint(files);
  install(files);
  for (const { manifest } of packages) tryImports(manifest);
  tryNode22();
  tryTypes();
  for (const { manifest } of packages) tryCommands(manifest);
  for (const name of Object.keys(LEAN)) tryAlone(name, files);
  failures.push(...(await tryGuides(root, project)), ...(await tryRuntimes(root, project)));
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
  const limit = LEAN[name] ?? Infinity;
  if (packed.size > limit * 1000) failures.push(`${name}: ${packed.size} bytes, which is over ${limit} kB`);
  console.log(`${name}: ${paths.length} files, ${Math.ceil(packed.size / 1000)} kB`);
  return packed;
}

function install(files: string[]): void {
  const peers = Object.assign({}, ...packages.map(({ manifest }) => manifest.peerDependencies ?? {})) as Record<
    string,
    string
  >;
  const wanted = Object.entries(peers).map(([name, range]) => `${name}@${range}`);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const nodeTypes = `@types/node@${process.versions.node.split(".")[0]}`;
  run("npm", ["install", "--strict-peer-deps", "--no-audit", "--no-fund", ...files, ...wanted, nodeTypes]);
}

/** As others will see them: ESM only, so what CommonJS would find does not count; styles have no types. */
function lint(files: string[]): void {
  const tools = join(project, "tools");
  mkdirSync(tools);
  writeFileSync(join(tools, "package.json"), JSON.stringify({ name: "tools", private: true }));
  run("npm", ["install", "--no-audit", "--no-fund", PUBLINT, ARE_THE_TYPES_WRONG], tools);
  for (const file of files) {
    const { exports = {} } = packages.find(({ manifest }) => fileOf(manifest, [file]) !== undefined)?.manifest ?? {};
    const styles = Object.keys(exports).filter((subpath) => subpath.endsWith(".css"));
    const without = styles.length === 0 ? [] : ["--exclude-entrypoints", ...styles];
    attempt(`publint ${basename(file)}`, join(tools, "node_modules/.bin/publint"), [file, "--strict"]);
    attempt(`attw ${basename(file)}`, join(tools, "node_modules/.bin/attw"), [file, "--profile", "esm-only", ...without]);
  }
}

/** Every export of what says that it runs there. */
function tryNode22(): void {
  if (process.platform !== "linux") return;
  const own = packages.filter(({ manifest }) => manifest.engines?.node === ">=22");
  const imports = own.flatMap(({ manifest }) => specifiersOf(manifest)).map((specifier) => `await import("${specifier}");`);
  const code = `if (!process.version.startsWith("v22.")) throw new Error(process.version); ${imports.join(" ")}`;
  attempt("Node 22", "npm", ["exec", "--yes", `--package=${NODE_22}`, "--", "node", "--input-type=module", "--eval", code]);
}

/** Installs one package with its own of ours, and looks at what came. */
function tryAlone(name: string, files: string[]): void {
  const folder = join(project, "alone", name.replace("/", "-"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "alone", private: true, type: "module" }));
  const ours = packages.map(({ manifest }) => manifest);
  const needed = new Set([name]);
  for (const each of needed) {
    const { dependencies = {} } = ours.find((manifest) => manifest.name === each) ?? {};
    for (const dependency of Object.keys(dependencies)) needed.add(dependency);
  }
  const tarballsOf = ours.filter((manifest) => needed.has(manifest.name)).flatMap((manifest) => fileOf(manifest, files) ?? []);
  run("npm", ["install", "--omit=peer", "--no-audit", "--no-fund", ...tarballsOf], folder);
  const { packages: installed } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as { packages: object };
  const foreign = Object.keys(installed).filter((path) => path !== "" && !needed.has(path.replace("node_modules/", "")));
  if (foreign.length > 0) failures.push(`${name} brings ${foreign.join(", ")}`);
}

function fileOf({ name }: Manifest, files: string[]): string | undefined {
  return files.find((file) => basename(file).replace(/-\d.*$/, "") === name.replace("@", "").replace("/", "-"));
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
