/** A part's plot as a chart of Vega-Lite: what is drawn, not how. */
import type { Line, Panel, Part, Plot } from "../results/part.ts";
import { summarize } from "../results/statistics.ts";
import { formatNumber } from "../results/table.ts";
import { FONT, type Palette } from "./palette.ts";
import { textWidth } from "./text-width.ts";

const ROW = 26;
/** Of all plots, labels and bars together: pages show them one below the other. */
const WIDTH = 760;
const LABEL_SIZE = 12.5;
/** Room for a number behind the longest bar, as a share of the scale. */
const HEADROOM = 1.16;

interface Bar {
  readonly name: string;
  readonly kind: Line["kind"];
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  readonly label: string;
}

/** Null where there is nothing to be seen. */
export function barChart(part: Part, plot: Plot, palette: Palette): object | null {
  const panels = plot.panels.map((panel) => ({ panel, bars: barsOf(part, plot, panel) })).filter(({ bars }) => bars.length > 0);
  if (panels.length === 0) return null;
  const labels = Math.max(...panels.flatMap(({ bars }) => bars.map(({ name, kind }) => textWidth(name, LABEL_SIZE, weightOf(kind)))));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: palette.card,
    padding: { left: 20, top: 18, right: 20, bottom: 16 },
    title: { text: plot.title, subtitle: plot.subtitle },
    config: configOf(palette),
    spacing: 26,
    vconcat: panels.map(({ panel, bars }) => panelChart(bars, panel, plot, palette, WIDTH - labels)),
  };
}

function barsOf(part: Part, plot: Plot, panel: Panel): Bar[] {
  return part.lines.flatMap((line) => {
    const summary = plot.without?.includes(line.name) === true ? null : summarize(part, line, panel);
    if (summary === null) return [];
    const label = `${formatNumber(summary.median, plot.digits)}${plot.unit}`;
    return [{ name: line.name, kind: line.kind, ...summary, label }];
  });
}

function weightOf(kind: Line["kind"]): number {
  return kind === "ours" ? 600 : 400;
}

function panelChart(bars: readonly Bar[], panel: Panel, plot: Plot, palette: Palette, width: number): object {
  const marks = plot.marks ?? [];
  const end = HEADROOM * Math.max(...bars.map(({ greatest }) => greatest), ...marks.map(({ at }) => at));
  const ours = JSON.stringify(bars.flatMap(({ name, kind }) => (kind === "ours" ? [name] : [])));
  const labelFontWeight = { condition: { test: `indexof(${ours}, datum.label) >= 0`, value: weightOf("ours") }, value: weightOf("peer") };
  const y = { field: "name", type: "nominal", sort: null, title: null, axis: { labelFontWeight }, scale: { paddingInner: 0.28, paddingOuter: 0.2 } };
  // A heap that was cleared up since may have less than nothing: it is drawn as nothing.
  const scale = { domain: [0, end], nice: false, clamp: true };
  const x = (field: string): object => ({ field, type: "quantitative", title: null, scale });
  const color = { domain: ["ours", "peer", "floor"], range: [palette.ours, palette.peer, palette.floor] };
  const hasSpread = bars.some(({ least, greatest }) => least !== greatest);
  const label = { y, x: x("greatest"), text: { field: "label" } };
  return {
    data: { values: bars },
    width,
    height: { step: ROW },
    ...(panel.title === undefined ? {} : { title: { text: panel.title, anchor: "start", fontSize: 12.5, fontWeight: 600, offset: 6 } }),
    layer: [
      { mark: { type: "bar", cornerRadiusEnd: 3 }, encoding: { y, x: x("median"), color: { field: "kind", type: "nominal", scale: color, legend: null } } },
      ...marks.map(({ at, isAim = false }) => ({
        data: { values: [{ at }] },
        mark: { type: "rule", strokeDash: isAim ? [4, 3] : [], strokeWidth: 1.25, color: isAim ? palette.aim : palette.quiet },
        encoding: { x: x("at") },
      })),
      // One above the other: they may be near each other.
      ...marks.map(({ at, label: text, isAim = false }, i) => ({
        data: { values: [{ at, text }] },
        mark: { type: "text", align: "left", baseline: "bottom", dy: -4 - 13 * i, fontSize: 11, color: isAim ? palette.aim : palette.quiet },
        encoding: { x: x("at"), y: { value: 0 }, text: { field: "text" } },
      })),
      ...(hasSpread ? [{ mark: { type: "rule", strokeWidth: 1.25, color: palette.whisker }, encoding: { y, x: x("least"), x2: { field: "greatest" } } }] : []),
      ...(hasSpread ? ["least", "greatest"].map((field) => ({ mark: { type: "tick", thickness: 1.25, size: 7, color: palette.whisker }, encoding: { y, x: x(field) } })) : []),
      // Lines of the grid stop before a number, and begin again behind it.
      { mark: { type: "text", align: "left", dx: 7, fontSize: 12, stroke: palette.card, strokeWidth: 4 }, encoding: label },
      { mark: { type: "text", align: "left", dx: 7, fontSize: 12, color: palette.text }, encoding: label },
    ],
  };
}

function configOf(palette: Palette): object {
  const text = { labelColor: palette.text, labelFont: FONT, titleFont: FONT };
  return {
    font: FONT,
    // Each page says what there is to see, once.
    aria: false,
    view: { stroke: null },
    title: {
      anchor: "start",
      frame: "bounds",
      color: palette.text,
      subtitleColor: palette.quiet,
      fontSize: 16,
      fontWeight: 600,
      subtitleFontSize: 12.5,
      subtitlePadding: 5,
      offset: 16,
    },
    axis: { ...text, domain: false, ticks: false, grid: false },
    axisY: { labelFontSize: LABEL_SIZE, labelPadding: 10, labelLimit: 0 },
    axisX: { grid: true, gridColor: palette.grid, labelColor: palette.quiet, labelFontSize: 11, labelPadding: 6, labelFlush: false, tickCount: 6 },
    concat: { columns: 1 },
  };
}
