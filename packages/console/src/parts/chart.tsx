import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface ChartSeries {
  readonly label: string;
  /** A variable of the style sheet. */
  readonly colour: string;
  readonly values: readonly number[];
}

const HEIGHT = 150;

/** Bars over time, side by side with a cursor that reads them; and the same numbers as a table for whoever cannot see. */
export function Chart({ title, times, series }: { title: string; times: readonly number[]; series: readonly ChartSeries[] }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])];
  const latest = useRef(data);
  latest.current = data;
  const shape = series.map(({ label, colour }) => `${label} ${colour}`).join();

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(series, element.clientWidth), latest.current, element);
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

  return (
    <>
      <div ref={place} className="chart" role="img" aria-label={`${title}: ${series.map(({ label, values }) => `${label} ${sum(values)}`).join(", ")}`} />
    </>
  );
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function optionsOf(series: readonly ChartSeries[], width: number): uPlot.Options {
  const [quiet, line] = [colourOf("--ostiary-quiet"), colourOf("--grid")];
  const font = "12px system-ui, sans-serif";
  const axis: uPlot.Axis = { stroke: quiet, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const bars = uPlot.paths.bars;
  return {
    width,
    height: HEIGHT,
    padding: [8, 4, 0, 0],
    legend: { show: true, live: true },
    cursor: { points: { show: false }, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil(max * 1.15))] } },
    axes: [
      { ...axis, grid: { show: false }, space: 60 },
      { ...axis, size: 40, space: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1_000_000] },
    ],
    series: [
      { value: (_plot, at) => (at === null ? "" : new Date(at * 1000).toLocaleString("en-GB", { dateStyle: "short", timeStyle: "short" })) },
      ...series.map(({ label, colour }): uPlot.Series => {
        const stroke = colourOf(colour);
        return {
          label,
          stroke,
          fill: stroke,
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars({ size: [0.7, 14], radius: 0.2, align: 1 }) }),
        };
      }),
    ],
  };
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
