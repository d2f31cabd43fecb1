/** Plots of results, in light and dark. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Results } from "../results/part.ts";
import { plotName, plotsFolder } from "../results/pages.ts";
import { barChart } from "./bar-chart.ts";
import { PALETTES } from "./palette.ts";
import { toSvg } from "./to-svg.ts";

export async function drawPlots({ suite, parts }: Results): Promise<void> {
  mkdirSync(plotsFolder, { recursive: true });
  for (const part of parts) {
    if (part.plot === undefined) continue;
    for (const palette of PALETTES) {
      const chart = barChart(part, part.plot, palette);
      if (chart === null) continue;
      const path = join(plotsFolder, `${plotName(suite, part.name)}-${palette.name}.svg`);
      writeFileSync(path, await toSvg(chart));
    }
  }
}
