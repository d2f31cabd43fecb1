/**
 * `npm run check`: everything that can be said about the code without running it. Every step runs, whatever the steps
 * before it found; what a failed step printed follows its line. Steps may be named: `npm run check -- types lint`.
 */
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";

const steps: Record<string, string[][]> = {
  types: [
    ["tsc", "-b", "tsconfig.build.json"],
    ["tsc", "-p", "tsconfig.check.json"],
  ],
  lint: [["oxlint", "--format=unix"]],
  imports: [["node", "scripts/check-imports.ts"]],
  unused: [["knip"]],
  versions: [["node", "scripts/check-versions.ts"]],
  links: [["node", "scripts/check-links.ts"]],
};

const env = {
  ...process.env,
  PATH: join(process.cwd(), "node_modules", ".bin") + delimiter + (process.env["PATH"] ?? ""),
};

/** Runs a tool of the workspace. */
function run([command = "", ...args]: string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { ok: status === 0, output: error === undefined ? stdout + stderr : error.message };
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
  const failed = commands.map(run).filter(({ ok }) => !ok);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name.padEnd(10)}${failed.length === 0 ? "ok" : "FAILED"}  ${seconds} s`);
  for (const { output } of failed) console.log(output.trimEnd().replaceAll(/^/gm, "    "));
  if (failed.length > 0) process.exitCode = 1;
}
