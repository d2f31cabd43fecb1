/** What can be asked of the benchmarks. Owns the command line, and what is written where. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { drawPlots } from "./plots/draw-plots.ts";
import { profile } from "./profile/profile.ts";
import { type Progress, showProgress } from "./progress.ts";
import { describeMachine, versionsOf } from "./results/machine.ts";
import { dataFile, readResults, writePage } from "./results/pages.ts";
import type { Results } from "./results/part.ts";
import { tableOf } from "./results/table.ts";
import type { Run, Suite } from "./suite.ts";

/** In the order in which they are run. */
const SUITES = ["engine", "requests", "claim", "refresh", "revocation", "login", "oauth", "routes", "start-up"];

const OPTIONS = {
  quick: { type: "boolean", default: false },
  only: { type: "string" },
  write: { type: "boolean", default: false },
  rounds: { type: "string" },
  seconds: { type: "string" },
  connections: { type: "string" },
} as const;

const USAGE = `Usage: npm run bench                    every suite; writes docs/benchmarks
       npm run bench -- <suite> ...      some: ${SUITES.join(", ")}, size
         --quick                         few and short rounds, to see that it runs
         --only <text>[,<text>]          the lines that have this in their names, and what they are compared with
         --rounds, --seconds, --connections <number>
         --write                         writes docs/benchmarks all the same: any of the above only prints
       npm run bench -- plot             tables and plots from the numbers of before
       npm run bench -- profile login|refresh|request`;

/** Gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [first = "", ...rest] = args;
  if (first === "plot") return plotAgain(rest);
  if (first === "profile") return profile(rest);
  if (first === "size") {
    const { printSize } = await import("./size.ts");
    await printSize();
    return 0;
  }
  const names = args.slice(0, firstOption(args));
  const isKnown = names.every((name) => SUITES.includes(name));
  if (!isKnown || args.includes("--help")) {
    console.error(USAGE);
    return args.includes("--help") ? 0 : 2;
  }
  return measure(names.length === 0 ? SUITES : names, args.slice(names.length));
}

function firstOption(args: readonly string[]): number {
  const found = args.findIndex((arg) => arg.startsWith("-"));
  return found === -1 ? args.length : found;
}

/** A suite that fails does not keep the others from being measured. */
async function measure(names: readonly string[], args: readonly string[]): Promise<number> {
  const suites = await Promise.all(names.map(async (name) => ({ name, suite: await load(name) })));
  const options = Object.assign({}, OPTIONS, ...suites.map(({ suite }) => suite.options ?? {})) as typeof OPTIONS;
  const { values } = parseArgs({ args: [...args], options });
  const writes = values.write || args.length === 0;
  const progress = showProgress(suites.reduce((sum, { suite }) => sum + suite.seconds, 0));
  const failed: string[] = [];
  for (const { name, suite } of suites) {
    try {
      const results = await resultsOf(name, suite, values, progress);
      progress.print(textOf(results));
      if (writes) await write(results);
    } catch (error) {
      failed.push(name);
      progress.print(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  progress.stop();
  if (failed.length > 0) console.error(`Not measured: ${failed.join(", ")}.`);
  return failed.length === 0 ? 0 : 1;
}

async function load(name: string): Promise<Suite> {
  const { suite } = (await import(`./suites/${name}.ts`)) as { suite: Suite };
  return suite;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

async function resultsOf(name: string, suite: Suite, values: Values, progress: Progress): Promise<Results> {
  const [machine, started] = [describeMachine(), performance.now()];
  const secondsGone = (): number => (performance.now() - started) / 1000;
  const only = typeof values["only"] === "string" ? values["only"].toLowerCase().split(",") : [];
  const quick = values["quick"] === true;
  const run: Run = {
    quick,
    option(option) {
      const value = values[option];
      return typeof value === "string" ? value : undefined;
    },
    number(option, usual, whenQuick = usual) {
      const given = Number(values[option] ?? (quick ? whenQuick : usual));
      if (!(given > 0)) throw new Error(`--${option} takes a number above 0.`);
      return given;
    },
    isWanted: (line) => only.length === 0 || only.some((text) => line.toLowerCase().includes(text)),
    hasTime: () => secondsGone() < suite.seconds,
    steps: progress.begin(name, suite.seconds),
  };
  const parts = await suite.run(run);
  const versions = versionsOf(suite.versions);
  return { suite: name, measuredAt: new Date().toISOString(), quick, machine, versions, seconds: Math.round(secondsGone()), parts };
}

function textOf({ suite, parts, machine, versions }: Results): string {
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const head = `\n${suite}: ${machine.cores} × ${machine.cpu}, ${what.join(", ")}`;
  return [head, ...parts.map((part) => `\n${part.title}\n${part.method}\n\n${tableOf(part, "text")}`), ""].join("\n");
}

async function write(results: Results): Promise<void> {
  const path = dataFile(results.suite);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, rounded, 1)}\n`);
  await drawPlots(results);
  writePage(results);
}

/** Six digits say more than was measured. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}

async function plotAgain(names: readonly string[]): Promise<number> {
  for (const name of names.length > 0 ? names : SUITES) {
    const results = readResults(name);
    if (results === null) continue;
    await drawPlots(results);
    writePage(results);
  }
  return 0;
}
