/**
 * `npm run bench -- <suite> [options]`: runs one suite, such as `engine`.
 *
 * A suite is a file in suites/ that exports `run(args)`. What suites compare with has its own lock file here, and is
 * installed when it is first needed, so that `npm ci` at the root stays small.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { printMachine } from "./report.ts";

interface Suite {
  run(args: string[]): Promise<void>;
}

const folder = import.meta.dirname;
const suites = readdirSync(join(folder, "suites")).flatMap((name) => (name.endsWith(".ts") ? [name.slice(0, -3)] : []));
const [name = "", ...args] = process.argv.slice(2);

if (!suites.includes(name)) {
  console.error(`Usage: npm run bench -- <suite>\nSuites: ${suites.join(", ")}`);
  process.exit(2);
}
if (!isInstalled()) {
  console.error("Installing what the benchmarks compare with ...");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}
const suite = (await import(join(folder, "suites", `${name}.ts`))) as Suite;
printMachine();
await suite.run(args);

/** Whether what is installed is no older than what is asked for. */
function isInstalled(): boolean {
  const [installed, wanted] = ["node_modules/.package-lock.json", "package-lock.json"].map((path) =>
    statSync(join(folder, path), { throwIfNoEntry: false }),
  );
  return installed !== undefined && wanted !== undefined && installed.mtimeMs >= wanted.mtimeMs;
}
