/**
 * `npm run test:packages`: packs every public package as for publishing, lints the tarballs (publint, are the types wrong),
 * installs them into an empty project outside the workspace, and uses them there: every export is imported by plain node,
 * also by the oldest that the package takes, and type-checked by a strict consumer; every command is started. What is for
 * APIs and browsers is installed alone too, and must bring nothing that is not ours. Last, the programs of the guides,
 * on Deno, Bun and workerd too.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { LEAN, lintTarballs, packAll, problemOf, publicPackages, run } from "./tarballs.ts";
import type { Manifest } from "./tarballs.ts";
import { tryGuides } from "./try-guides.ts";
import { tryRuntimes } from "./try-runtimes.ts";

const NODE_22 = `node-linux-${process.arch}@22.23.3`;

const root = join(import.meta.dirname, "..");
const project = mkdtempSync(join(tmpdir(), "try-tarballs-"));
const failures: string[] = [];
const packages = publicPackages(root);

try {
  const { tarballs, problems } = packAll(packages, join(project, "tarballs"));
  const files = tarballs.map(({ file }) => file);
  failures.push(...problems, ...lintTarballs(tarballs, join(project, "tools")));
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

function install(files: string[]): void {
  const peers = Object.assign({}, ...packages.map(({ manifest }) => manifest.peerDependencies ?? {})) as Record<
    string,
    string
  >;
  const wanted = Object.entries(peers).map(([name, range]) => `${name}@${range}`);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const nodeTypes = `@types/node@${process.versions.node.split(".")[0]}`;
  run("npm", ["install", "--strict-peer-deps", "--no-audit", "--no-fund", ...files, ...wanted, nodeTypes], project);
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
  failures.push(...problemOf(what, command, args, project));
}
