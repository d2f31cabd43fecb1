/** Charts of Vega-Lite as SVG, without a browser. */
import { parse, textMetrics, View } from "vega";
import { compile } from "vega-lite";
import { textWidth } from "./text-width.ts";

// Without a canvas to measure on it takes every letter to be as wide as the widest.
textMetrics.width = ({ fontSize = 11, fontWeight = 400 }, text) => textWidth(String(text), fontSize, fontWeight);

export async function toSvg(chart: object): Promise<string> {
  const view = new View(parse(compile(chart).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
