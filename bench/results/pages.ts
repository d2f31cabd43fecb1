/**
 * The pages under docs/benchmarks: what stands between `<!-- bench: name -->` and `<!-- /bench -->` is written from the
 * results, everything else by people.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Part, Results } from "./part.ts";
import { formatNumber, tableOf } from "./table.ts";
import { summarize } from "./statistics.ts";

const folder = join(import.meta.dirname, "../../docs/benchmarks");
const BLOCK = /(<!-- bench: ([\w-]+) -->\n)[^]*?(\n?<!-- \/bench -->)/g;

export const plotsFolder = join(folder, "plots");

export function dataFile(suite: string): string {
  return join(folder, "data", `${suite}.json`);
}

export function readResults(suite: string): Results | null {
  const path = dataFile(suite);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : null;
}

export function plotName(suite: string, part: string): string {
  return part === suite ? suite : `${suite}-${part}`;
}

/** Throws if a part has no block: what was measured is to be seen. */
export function writePage(results: Results): void {
  const path = join(folder, `${results.suite}.md`);
  const blocks = new Map([["machine", machineText(results)], ...results.parts.map((part) => [part.name, partText(results.suite, part)] as const)]);
  const written = new Set<string>();
  const page = readFileSync(path, "utf8").replaceAll(BLOCK, (whole: string, start: string, name: string, end: string) => {
    const text = blocks.get(name);
    if (text === undefined) return whole;
    written.add(name);
    return `${start}\n${text}\n${end.startsWith("\n") ? end : `\n${end}`}`;
  });
  const missing = [...blocks.keys()].filter((name) => !written.has(name));
  if (missing.length > 0) throw new Error(`${path} has no block for ${missing.join(", ")}: <!-- bench: name --> and <!-- /bench -->`);
  writeFileSync(path, page);
}

function machineText({ machine, versions, measuredAt, seconds, quick }: Results): string {
  const { cpu, cores, memoryGigabytes, system, load } = machine;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const text =
    `Measured on ${measuredAt.slice(0, 10)} in ${formatNumber(seconds, 0)} seconds, on ${cores} × ${cpu} with ${memoryGigabytes} GB, ` +
    `${system}, load before it ${load}. ${names.join(", ")}.`;
  return quick ? `${wrap("**A quick run, to see that it works: nothing to go by.**")}\n\n${wrap(text)}` : wrap(text);
}

function partText(suite: string, part: Part): string {
  const texts = [`${tableOf(part, "markdown")}`, wrap(`${part.method}.`)];
  if (part.plot !== undefined) texts.unshift(pictureOf(suite, part));
  return texts.join("\n\n");
}

function pictureOf(suite: string, part: Part): string {
  const name = plotName(suite, part.name);
  return [
    "<picture>",
    `  <source media="(prefers-color-scheme: dark)" srcset="plots/${name}-dark.svg">`,
    `  <img alt="${altOf(part)}" src="plots/${name}-light.svg">`,
    "</picture>",
  ].join("\n");
}

/** What the plot shows, for who cannot see it. */
function altOf(part: Part): string {
  const { plot } = part;
  if (plot === undefined) return part.title;
  const panels = plot.panels.map((panel) => {
    const bars = part.lines.flatMap((line) => {
      const summary = plot.without?.includes(line.name) === true ? null : summarize(part, line, panel);
      return summary === null ? [] : [`${line.name} ${formatNumber(summary.median, plot.digits)}${plot.unit}`];
    });
    return `${panel.title === undefined ? "" : `${panel.title}: `}${bars.join(", ")}`;
  });
  return `${plot.title}. ${panels.join("; ")}.`.replaceAll('"', "&quot;");
}

/** Lines of at most 120 characters. */
function wrap(text: string): string {
  return text.replaceAll(/(.{1,120})(?:\s+|$)/g, "$1\n").trimEnd();
}
