/**
 * `npm run check`: everything that can be said about the code without running it. Every step runs, whatever the steps
 * before it found; what a failed step printed follows its line. Steps may be named: `npm run check -- types lint`.
 */
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The commands of each step; those that take longest come first. */
const steps: Record<string, string[][]> = {
  types: [
    ["tsc", "-p", "tsconfig.check.json"],
    ["tsc", "-p", "e2e/client"],
    ["tsc", "-p", "bench"],
    ["tsc", "-b"],
    ["tsc", "-p", "packages/client"],
    ["tsc", "-p", "packages/console"],
    ["tsc", "-p", "packages/server/assets"],
    ["tsc", "-p", "e2e/next"],
    ["tsc", "-p", "e2e/console"],
    ["tsc", "-p", "examples/node-client"],
    ["tsc", "-p", "examples/react-spa"]
  ],
  lint: [["oxlint", "--format=unix"]],
  imports: [["node", "scripts/check-imports.ts"]],
  unused: [["knip"]],
  sizes: [["node", "scripts/check-sizes.ts"]],
  versions: [["node", "scripts/check-versions.ts"]],
  links: [["node", "scripts/check-links.ts"]],
  translation: [["node", "scripts/check-translation.ts"]],
  deploy: [["node", "scripts/check-deploy.ts"]],
  snippets: [["node", "scripts/check-snippets.ts"]],
  reference: [["node", "scripts/docs-reference.ts", "--check"]]
};

const env = {
  ...process.env,
  PATH: join(process.cwd(), "node_modules", ".bin") + delimiter + (process.env["PATH"] ?? "")
};

/** Several at once, as many as there are cores: each alone does not fill two. */
let free = availableParallelism();
const waiting: (() => void)[] = [];

/** Runs a tool of the workspace when its turn comes. Returns what it printed if it failed. */
async function failureOf([command = "", ...args]: string[]): Promise<string | undefined> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    await promisify(execFile)(command, args, { env, maxBuffer: Infinity });
    return undefined;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    return stdout + stderr || message;
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(", ")}. There are: ${Object.keys(steps).join(", ")}.`);
  process.exit(2);
}

const started = performance.now();
const running = Object.entries(steps)
  .filter(([name]) => wanted.length === 0 || wanted.includes(name))
  .map(([name, commands]) => ({ name, failures: Promise.all(commands.map(failureOf)) }));
for (const { name, failures } of running) {
  const failed = (await failures).filter((failure) => failure !== undefined);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name.padEnd(12)}${failed.length === 0 ? "ok" : "FAILED"}  after ${seconds} s`);
  if (failed.length === 0) continue;
  console.log(failed.join("\n").trimEnd().replaceAll(/^/gm, "    "));
  process.exitCode = 1;
}
