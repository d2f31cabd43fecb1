/**
 * `npm run check`: everything that can be said about the code without running it. Every step runs, whatever the steps
 * before it found; what a failed step printed follows its line. Steps may be named: `npm run check -- types lint`.
 */
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";

/** The commands of each step, up to the first that fails. */
const steps: Record<string, string[][]> = {
  types: [
    ["tsc", "-p", "tsconfig.check.json"],
    ["tsc", "-p", "bench"],
    ["tsc", "-p", "packages/client"],
    ["tsc", "-p", "packages/console"],
    ["tsc", "-p", "packages/server/assets"],
    ["tsc", "-p", "e2e/client"],
    ["tsc", "-p", "e2e/next"],
    ["tsc", "-p", "e2e/console"],
    ["tsc", "-p", "examples/node-client"],
    ["tsc", "-p", "examples/react-spa"],
    ["tsc", "-b"]
  ],
  lint: [["oxlint", "--format=unix"]],
  imports: [["node", "scripts/check-imports.ts"]],
  unused: [["knip"]],
  sizes: [["node", "scripts/check-sizes.ts"]],
  versions: [["node", "scripts/check-versions.ts"]],
  links: [["node", "scripts/check-links.ts"]]
};

const env = {
  ...process.env,
  PATH: join(process.cwd(), "node_modules", ".bin") + delimiter + (process.env["PATH"] ?? "")
};

/** Runs tools of the workspace one after the other. Returns what the first one to fail printed, if one does. */
function firstFailure(commands: string[][]): string | undefined {
  for (const [command = "", ...args] of commands) {
    const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: "utf8", stdio: "pipe" });
    if (error !== undefined) return error.message;
    if (status !== 0) return stdout + stderr;
  }
  return undefined;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(", ")}. There are: ${Object.keys(steps).join(", ")}.`);
  process.exit(2);
}

for (const [name, commands] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = performance.now();
  const failure = firstFailure(commands);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name.padEnd(10)}${failure === undefined ? "ok" : "FAILED"}  ${seconds} s`);
  if (failure === undefined) continue;
  console.log(failure.trimEnd().replaceAll(/^/gm, "    "));
  process.exitCode = 1;
}
