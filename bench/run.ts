/**
 * `npm run bench`: measures everything, or one suite, `npm run bench -- engine`. What there is to ask for, main.ts says.
 *
 * What suites compare with, and what draws, has its own lock file here, and is installed when it is first needed, so that
 * `npm ci` at the root stays small.
 */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;

if (!isInstalled()) {
  console.error("Installing what the benchmarks compare with ...");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}
const { main } = await import("./main.ts");
process.exit(await main(process.argv.slice(2)));

/** Whether what is installed is no older than what is asked for. */
function isInstalled(): boolean {
  const [installed, wanted] = ["node_modules/.package-lock.json", "package-lock.json"].map((path) =>
    statSync(join(folder, path), { throwIfNoEntry: false }),
  );
  return installed !== undefined && wanted !== undefined && installed.mtimeMs >= wanted.mtimeMs;
}
