/** The colours of the project's pages, as packages/console/src/style/base.css has them. */
export interface Palette {
  readonly name: "light" | "dark";
  readonly card: string;
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  /** Bars. */
  readonly ours: string;
  readonly peer: string;
  readonly floor: string;
  /** From the least to the greatest, on a bar and beside it. */
  readonly whisker: string;
  readonly aim: string;
}

export const PALETTES: readonly Palette[] = [
  {
    name: "light",
    card: "#ffffff",
    text: "#1b1d29",
    quiet: "#5d6175",
    grid: "#e6e8f0",
    ours: "#4c5dd9",
    peer: "#b9bdd0",
    floor: "#dcdfea",
    whisker: "#5d6175",
    aim: "#1c7c54",
  },
  {
    name: "dark",
    card: "#181b28",
    text: "#eceef6",
    quiet: "#a3a8bd",
    grid: "#2a2e40",
    ours: "#8f9dff",
    peer: "#5b6179",
    floor: "#3c4157",
    whisker: "#c9ccd9",
    aim: "#5fd0a0",
  },
];

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
