/** A tree of calls as a flame graph of Vega-Lite, hanging from the top: what is wide, takes long. */
import type { Call, Origin } from "../profile/call-tree.ts";
import { FONT, type Palette } from "./palette.ts";
import { textWidth } from "./text-width.ts";

const WIDTH = 1160;
const ROW = 19;
const DEPTH = 32;
const FONT_SIZE = 11;
/** In pixels: narrower calls are left out. */
const NARROWEST = 2;
const PADDING = 4;

const TITLES: Readonly<Record<Origin, string>> = { ours: "Ostiary", libraries: "libraries", node: "Node", native: "native code" };
const COLORS: Readonly<Record<Palette["name"], Readonly<Record<Origin, string>>>> = {
  light: { ours: "#8f9dff", libraries: "#f0c987", node: "#d5d8e4", native: "#a8d8c2" },
  dark: { ours: "#5a6be0", libraries: "#9a6d2c", node: "#3c4157", native: "#2f7257" },
};

interface Box {
  /** Pixels from the left. */
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly origin: string;
  readonly label: string;
}

export function flameChart(root: Call, title: string, subtitle: string, palette: Palette): object {
  const boxes = boxesOf(root);
  const depth = Math.max(...boxes.map((box) => box.depth)) + 1;
  const origins = Object.keys(TITLES) as Origin[];
  const scale = { domain: origins.map((origin) => TITLES[origin]), range: origins.map((origin) => COLORS[palette.name][origin]) };
  const x = { type: "quantitative", axis: null, scale: { domain: [0, WIDTH], nice: false } };
  const y = { type: "quantitative", axis: null, scale: { domain: [depth, 0], nice: false } };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: palette.card,
    padding: { left: 16, top: 16, right: 16, bottom: 16 },
    title: { text: title, subtitle, anchor: "start", fontSize: 16, fontWeight: 600, subtitleFontSize: 12.5, subtitlePadding: 5, offset: 10, color: palette.text, subtitleColor: palette.quiet },
    config: {
      font: FONT,
      // Each page says what there is to see, once.
      aria: false,
      view: { stroke: null },
      legend: { orient: "top", title: null, labelColor: palette.text, labelFontSize: 12, symbolType: "square", symbolStrokeWidth: 0, offset: 8 },
    },
    width: WIDTH,
    height: depth * ROW,
    data: { values: boxes },
    layer: [
      {
        mark: { type: "rect", stroke: palette.card, strokeWidth: 0.75, cornerRadius: 2 },
        encoding: { x: { field: "from", ...x }, x2: { field: "to" }, y: { field: "depth", ...y }, y2: { field: "below" }, color: { field: "origin", type: "nominal", scale } },
      },
      {
        mark: { type: "text", align: "left", baseline: "middle", dx: PADDING, dy: ROW / 2, fontSize: FONT_SIZE, color: palette.text },
        encoding: { x: { field: "from", ...x }, y: { field: "depth", ...y }, text: { field: "label" } },
      },
    ],
  };
}

function boxesOf(root: Call): (Box & { below: number })[] {
  const boxes: (Box & { below: number })[] = [];
  const pixels = WIDTH / root.total;
  const visit = (calls: Iterable<Call>, from: number, depth: number): void => {
    let at = from;
    for (const call of [...calls].toSorted((a, b) => b.total - a.total)) {
      const width = call.total * pixels;
      if (width >= NARROWEST && depth < DEPTH) {
        boxes.push({ from: rounded(at * pixels), to: rounded(at * pixels + width), depth, below: depth + 1, origin: TITLES[call.origin], label: fitting(call.name, width) });
        visit(call.callees.values(), at, depth + 1);
      }
      at += call.total;
    }
  };
  visit(root.callees.values(), 0, 0);
  return boxes;
}

/** To half a pixel: the file is shorter by a fifth. */
function rounded(pixels: number): number {
  return Math.round(2 * pixels) / 2;
}

/** As much of the name as there is room for; nothing, if that is next to nothing. */
function fitting(name: string, width: number): string {
  const room = width - 2 * PADDING;
  if (textWidth(name, FONT_SIZE) <= room) return name;
  let short = name;
  while (short !== "" && textWidth(`${short}…`, FONT_SIZE) > room) short = short.slice(0, -1);
  return short.length < 3 ? "" : `${short}…`;
}
