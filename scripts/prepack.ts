/**
 * Run by npm in a package's folder, as its `prepack` and (with `restore`) its `postpack`. In the repository a package's
 * exports are its sources; what is published is dist, because Node does not run TypeScript under node_modules and npm
 * does not apply `publishConfig.exports`. So the package is built afresh, and its package.json points at dist for as
 * long as it is being packed.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { publishedManifest } from "./published-manifest.ts";
import type { Manifest, Repository } from "./published-manifest.ts";

const manifest = "package.json";
/** Stays behind when packing breaks off; the next run puts it back. */
const kept = "package.json.kept";
const license = join(import.meta.dirname, "../LICENSE");

/** As GitHub's runners tell it. */
function repository(): Repository | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  if (server === undefined || name === undefined) return undefined;
  return { url: `git+${server}/${name}.git`, directory: relative(join(import.meta.dirname, ".."), process.cwd()) };
}

function restore(): void {
  if (!existsSync(kept)) return;
  renameSync(kept, manifest);
  rmSync("LICENSE", { force: true });
}

function prepare(): void {
  restore();
  for (const stale of ["dist", ...globSync("*.tsbuildinfo")]) rmSync(stale, { recursive: true, force: true });
  const { status } = spawnSync("tsc", ["-b", "tsconfig.build.json"], { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error("The package does not compile; nothing was packed.");

  copyFileSync(manifest, kept);
  copyFileSync(license, "LICENSE");
  const published = publishedManifest(JSON.parse(readFileSync(manifest, "utf8")) as Manifest, repository());
  writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
}

if (process.argv[2] === "restore") restore();
else prepare();
