import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface ChartSeries {
  readonly label: string;
  /** A variable of the style sheet. */
  readonly colour: string;
  readonly values: readonly number[];
}

const HEIGHT = 170;

/** Bars over time, one series upon the other; a line above says the sums, or what stands under the cursor. */
export function Chart({ times, series }: { times: readonly number[]; series: readonly ChartSeries[] }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef<uPlot.AlignedData>([[]]);
  latest.current = stacked(times, series);
  const [at, setAt] = useState<number | null>(null);
  const shape = series.map(({ label, colour }) => `${label} ${colour}`).join();

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(series, element.clientWidth, setAt), latest.current, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
    // Drawn anew only when there are other series: numbers are set below.
  }, [shape]);

  useEffect(() => plot.current?.setData(latest.current), [times, series]);

  const time = at === null ? undefined : times[at];
  return (
    <>
      <p className="readout">
        {series.map(({ label, colour, values }) => (
          <span key={label}>
            <i className="swatch" style={{ background: `var(${colour})` }} />
            {label} <strong>{(at === null ? sum(values) : (values[at] ?? 0)).toLocaleString("en")}</strong>
          </span>
        ))}
        {time !== undefined && <span>{moment.format(time * 1000)}</span>}
      </p>
      <div ref={place} className="chart" aria-hidden="true" />
    </>
  );
}

const moment = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Each series stands on those after it, so what is drawn first is the highest. */
function stacked(times: readonly number[], series: readonly ChartSeries[]): uPlot.AlignedData {
  const heights = series.map((_, i) => times.map((_time, at) => sum(series.slice(i).map(({ values }) => values[at] ?? 0))));
  return [[...times], ...heights];
}

function optionsOf(series: readonly ChartSeries[], width: number, point: (at: number | null) => void): uPlot.Options {
  const [quiet, line] = [colourOf("--ostiary-quiet"), colourOf("--grid")];
  const axis: uPlot.Axis = {
    stroke: quiet,
    font: "12px system-ui, sans-serif",
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  };
  const bars = uPlot.paths.bars;
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: false, y: false }, y: false },
    scales: {
      // A bar begins at its time: the last one needs room.
      x: { range: (plot, min, max) => [min, max + intervalOf(plot.data[0])] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 70, values: (_plot, splits) => labels(splits) },
      {
        ...axis,
        size: 44,
        space: 26,
        incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1_000_000],
      },
    ],
    hooks: { setCursor: [({ cursor: { idx } }) => point(idx ?? null)] },
    series: [
      {},
      ...series.map(({ label, colour }): uPlot.Series => {
        const stroke = colourOf(colour);
        return {
          label,
          stroke,
          fill: stroke,
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars({ size: [0.72, 14], align: 1 }) }),
        };
      }),
    ],
  };
}

function intervalOf(times: ArrayLike<number>): number {
  return times.length < 2 ? 1 : (times[1] ?? 0) - (times[0] ?? 0);
}

/** Hours, with the day where a new one begins; days alone where there are many. */
function labels(splits: readonly number[]): string[] {
  const isLong = (splits.at(-1) ?? 0) - (splits[0] ?? 0) > 2 * 86_400;
  return splits.map((at) => {
    const isMidnight = new Date(at * 1000).getHours() === 0;
    return isLong || isMidnight ? day.format(at * 1000) : hour.format(at * 1000);
  });
}

/** A canvas knows no variables. */
function colourOf(variable: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
