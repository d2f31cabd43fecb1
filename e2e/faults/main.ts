/**
 * `npm run test:faults`: every experiment in full, on every store. Exit code 1 if an invariant was violated.
 *   --experiment NAME   only this one; may be given several times
 *   --store NAME        likewise
 *   --size SIZE         full (default), short as in `npm test`, or a part of full: 0.1
 *   --seed NUMBER       for what does not depend on races; told at the start
 */
import { parseArgs } from "node:util";
import { cleanUp } from "../launch.ts";
import type { Experiment, Size } from "./experiments/experiment.ts";
import { experiments } from "./experiments/experiments.ts";
import { faultStores } from "./stores/fault-store.ts";
import type { StoreName } from "./stores/fault-store.ts";

const { values: options } = parseArgs({
  options: {
    experiment: { type: "string", multiple: true, default: Object.keys(experiments) },
    store: { type: "string", multiple: true, default: Object.keys(faultStores) },
    size: { type: "string", default: "full" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});

const WIDTHS = [22, 15, 11, 10, 8, 11, 8];
const VIOLATIONS_SHOWN = 10;

// As after any other end, so that what was launched ends as well.
process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
let held = false;
try {
  held = await runAll();
} finally {
  await cleanUp();
}
// Not left to `process.exitCode`: what starts Postgres has an exit hook that makes it 0.
process.exit(held ? 0 : 1);

/** Whether everything held. */
async function runAll(): Promise<boolean> {
  refuseUnknown("experiment", options.experiment, Object.keys(experiments));
  refuseUnknown("store", options.store, Object.keys(faultStores));
  write(`Node ${process.version}, size ${options.size}, seed ${options.seed}\n`);
  writeRow(["experiment", "store", "operations", "rotations", "faults", "violations", "seconds", "notes"]);
  let violations = 0;
  for (const storeName of options.store) {
    const store = await faultStores[storeName as StoreName]!();
    for (const name of options.experiment) {
      const experiment = experiments[name]!;
      const started = performance.now();
      const found = await experiment.run(store, Number(options.seed), sizeOf(experiment));
      if (found === null) continue;
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      const { operations, rotations, faults, notes } = found;
      writeRow([experiment.title, storeName, operations, rotations, faults, found.violations.length, seconds, notes]);
      for (const { invariant, what } of found.violations.slice(0, VIOLATIONS_SHOWN)) write(`  ${invariant}: ${what}\n`);
      violations += found.violations.length;
    }
    await store.close();
  }
  return violations === 0;
}

function sizeOf({ short, full }: Experiment): Size {
  if (options.size === "short") return short;
  if (options.size === "full") return full;
  const part = Number(options.size);
  if (!(part > 0)) fail(`--size must be full, short or a number, not ${options.size}.`);
  return Object.fromEntries(Object.entries(full).map(([name, value]) => [name, Math.ceil(value * part)]));
}

function refuseUnknown(option: string, given: readonly string[], known: readonly string[]): void {
  for (const name of given) if (!known.includes(name)) fail(`No such ${option}: ${name}. There are: ${known.join(", ")}.`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function writeRow(cells: readonly (string | number)[]): void {
  const texts = cells.map((cell, index) => {
    const width = WIDTHS[index] ?? 0;
    return typeof cell === "number" ? `${cell}  `.padStart(width) : cell.padEnd(width);
  });
  write(`${texts.join("").trimEnd()}\n`);
}

function write(text: string): void {
  process.stdout.write(text);
}
