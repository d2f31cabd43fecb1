/**
 * Searches by hand, deeper or wider than the tests do:
 *   node packages/server/test/rotation-search/main.ts [--depth N] [--states N] [--only WORDS] [--trace]
 *        [--more-tabs N]   scenarios with several tabs get N more
 *        [--fine]          the clock moves by quarters of the grace
 */
import { parseArgs } from "node:util";
import { explore } from "./explore.ts";
import { limits, promises, strict, thieves, thievesInTheGrace } from "./scenarios.ts";
import type { Expectation } from "./scenarios.ts";
import type { Scenario } from "./state.ts";

const { values: options } = parseArgs({
  options: {
    depth: { type: "string", default: "1000" },
    states: { type: "string", default: "4000000" },
    "more-tabs": { type: "string", default: "0" },
    fine: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});

interface Row {
  readonly scenario: string;
  readonly states: number;
  readonly moves: number;
  readonly depth: number;
  readonly complete: string;
  readonly violations: string;
}

const bounds = { depth: Number(options.depth), states: Number(options.states) };
const rows: Row[] = [];
for (const expectation of [...promises, ...limits, ...strict, ...thieves]) run(expectation);
for (const scenario of thievesInTheGrace) run({ scenario, findings: null });
print(["scenario", "states", "moves", "depth", "complete", "violations"]);
for (const { scenario, states, moves, depth, complete, violations } of rows) {
  print([scenario, states, moves, depth, complete, violations || "none"]);
}
process.exitCode = rows.some((row) => row.violations !== "") ? 1 : 0;

function run(expectation: Expectation | { scenario: Scenario; findings: null }): void {
  const scenario = widened(expectation.scenario);
  if (!scenario.name.includes(options.only)) return;
  const { findings, states, moves, depth, complete } = explore(scenario, bounds, {
    onLevel: (level, seen) => process.stderr.write(`\r${scenario.name}: depth ${level}, ${seen} states\x1b[K`),
  });
  process.stderr.write("\r\x1b[K");
  if (options.trace) {
    for (const [finding, trace] of findings) write(`${scenario.name}: ${finding}\n  ${trace.join("\n  ")}\n`);
  }
  const allowed = (finding: string): boolean =>
    expectation.findings === null ? !twoLateInARow(finding) : expectation.findings.includes(finding);
  const violations = [...findings.keys()].filter((finding) => !allowed(finding)).join(", ");
  rows.push({ scenario: scenario.name, states, moves, depth, complete: complete ? "yes" : "no", violations });
}

function print(cells: readonly (string | number)[]): void {
  const widths = [66, 9, 9, 7, 10, 0];
  const texts = cells.map((cell, index) =>
    typeof cell === "number" ? `${cell} `.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
  );
  write(`${texts.join(" ")}\n`);
}

function write(text: string): void {
  process.stdout.write(text);
}

function twoLateInARow(finding: string): boolean {
  return /^crossings .*[lL][lL]/.test(finding);
}

function widened(scenario: Scenario): Scenario {
  const more = scenario.owner === "browser" && scenario.waiting > 1 ? Number(options["more-tabs"]) : 0;
  const finer = options.fine && scenario.graceSeconds > 0 && scenario.timeSteps.includes(5);
  return {
    ...scenario,
    waiting: scenario.waiting + more,
    underWay: scenario.underWay + more,
    timeSteps: finer ? [scenario.graceSeconds / 4, 15] : scenario.timeSteps,
  };
}
