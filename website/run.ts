/**
 * `npm run docs` serves the documentation as a site, and goes on with what is edited; `npm run docs:build` writes it to
 * website/dist, and fails for a dead link. What it takes has its own lock file here, and is installed when it is first needed.
 */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const [command = "dev", ...args] = process.argv.slice(2);

if (!isInstalled()) {
  console.error("Installing what makes the site ...");
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}
run(process.execPath, [join(folder, "node_modules/vitepress/bin/vitepress.js"), command, ...args]);

function run(program: string, given: readonly string[]): void {
  const { status } = spawnSync(program, given, { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Whether what is installed is no older than what is asked for. */
function isInstalled(): boolean {
  const [installed, wanted] = ["node_modules/.package-lock.json", "package-lock.json"].map((path) =>
    statSync(join(folder, path), { throwIfNoEntry: false }),
  );
  return installed !== undefined && wanted !== undefined && installed.mtimeMs >= wanted.mtimeMs;
}
