/**
 * Installs an example as its users would: with the packages of this repository packed as they are published, and all else
 * by its own lock file. `node e2e/install-example.ts next-app update` writes that lock file anew, which is due when
 * dependencies of the packages have changed; the other example with a lock file of its own is own-users-prisma.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "..");

/** The folder of an example. */
export const example = (name: string): string => join(root, "examples", name);
const tarballsOf = (app: string): string => join(app, "packages");
const lockFileOf = (app: string): string => join(app, "package-lock.json");

/** By their folders; an app has no need to name all of them. */
const PACKAGES = {
  protocol: "@ostiary/protocol",
  jwt: "@ostiary/jwt",
  guard: "@ostiary/guard",
  client: "@ostiary/client",
  server: "ostiary",
};

interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
}
interface LockFile {
  packages: Record<string, Manifest & { integrity?: string }>;
}

const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const write = (path: string, value: unknown): void => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
const tarballOf = (name: string): string => `${name.replace("@ostiary/", "")}.tgz`;

/** Does nothing where all is there already and no source is younger. */
export function installExample(app: string): void {
  const packed = pack(tarballsOf(app));
  if (!packed && isYounger(join(app, "node_modules/.package-lock.json"), [lockFileOf(app)])) return;
  checkLockFile(app);
  npm(["ci", "--no-audit", "--no-fund"], app);
}

/** Whether there was anything to pack. */
function pack(tarballs: string): boolean {
  const stamp = join(tarballs, "sources.sha256");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs);
  for (const [folder, name] of Object.entries(PACKAGES)) {
    const printed = npm(["pack", "--json", "--pack-destination", tarballs], join(root, "packages", folder));
    const [{ filename } = { filename: "" }] = JSON.parse(printed) as { filename: string }[];
    renameSync(join(tarballs, filename), join(tarballs, tarballOf(name)));
  }
  writeFileSync(stamp, wanted);
  return true;
}

/** Of what the packages are made of. Times would not do: packing rewrites each package.json, and puts it back. */
function fingerprint(): string {
  const patterns = ["packages/*/src/**/*.{ts,tsx}", "packages/*/package.json", "packages/*/assets/**/*"];
  const hash = createHash("sha256");
  const files = globSync(patterns, { cwd: root }).filter((file) => statSync(join(root, file)).isFile());
  for (const file of files.toSorted()) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** The lock file was written for the dependencies that the packages have now. */
function checkLockFile(app: string): void {
  const { packages } = read(lockFileOf(app)) as LockFile;
  for (const [folder, name] of Object.entries(PACKAGES)) {
    const { version, dependencies = {} } = read(join(root, "packages", folder, "package.json")) as Manifest;
    const locked = packages[`node_modules/${name}`];
    if (locked?.version === version && same(locked.dependencies ?? {}, dependencies)) continue;
    throw new Error(
      `${name} has changed: run \`node e2e/install-example.ts ${basename(app)} update\`, and commit its lock file.`,
    );
  }
}

/** npm is shown where the packages are; what is written down is what users have. */
function updateLockFile(app: string): void {
  pack(tarballsOf(app));
  const lockFile = lockFileOf(app);
  const file = join(app, "package.json");
  const kept = readFileSync(file, "utf8");
  const manifest = JSON.parse(kept) as Manifest;
  const ours = Object.fromEntries(Object.values(PACKAGES).map((name) => [name, `file:packages/${tarballOf(name)}`]));
  try {
    write(file, { ...manifest, dependencies: { ...manifest.dependencies, ...ours } });
    rmSync(lockFile, { force: true });
    npm(["install", "--no-audit", "--no-fund"], app);
  } finally {
    writeFileSync(file, kept);
  }
  const lock = read(lockFile) as LockFile;
  // It changes whenever they are packed.
  for (const name of Object.values(PACKAGES)) delete lock.packages[`node_modules/${name}`]?.integrity;
  lock.packages[""] = { ...lock.packages[""]!, dependencies: manifest.dependencies ?? {} };
  write(lockFile, lock);
}

function same(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys({ ...a, ...b });
  return names.every((name) => a[name] === b[name]);
}

export function isYounger(path: string, than: readonly string[]): boolean {
  const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return time !== undefined && than.every((other) => statSync(other).mtimeMs <= time);
}

function npm(args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed\n${stdout}${stderr}`);
  return stdout;
}

if (import.meta.main) {
  const [, , name = "next-app", task] = process.argv;
  if (task === "update") updateLockFile(example(name));
  else installExample(example(name));
}
