import type { ReactNode } from "react";
import type { Key } from "../api/types.ts";
import { fullTime, useNow } from "./when.tsx";

/** As high as a line of the names beside it. */
const ROW = 26;
const BAR = 12;

interface Phase {
  readonly name: "published" | "signs" | "planned" | "verifies";
  readonly from: number;
  readonly to: number;
}

/** A line for each key: published, signing, verifying; with the present through all of them. The table says the same. */
export function KeyTimeline({ keys }: { keys: readonly Key[] }): ReactNode {
  const now = useNow(10_000);
  const next = keys.find(({ state }) => state === "upcoming")?.activatesAt ?? null;
  const shown = keys.slice(0, 8).toReversed();
  const rows = shown.map((key) => ({ key, phases: phasesOf(key, now, next) }));
  const times = rows.flatMap(({ phases }) => phases.flatMap(({ from, to }) => [from, to]));
  const first = Math.min(...times, now);
  const last = Math.max(...times, now);
  const x = (at: number): string => `${(1 + (98 * (at - first)) / Math.max(1, last - first)).toFixed(2)}%`;
  const height = rows.length * ROW;
  return (
    <figure className="timeline">
      <div className="rows">
        <ul aria-hidden="true">
          {shown.map(({ kid }) => (
            <li key={kid}>
              <code>{kid.slice(0, 6)}…</code>
            </li>
          ))}
        </ul>
        <svg
          width="100%"
          height={height}
          role="img"
          aria-label={`Timeline of ${shown.length} keys, from ${fullTime(first)} to ${fullTime(last)}`}
        >
          {rows.map(({ key, phases }, i) =>
            phases.map(({ name, from, to }) => (
              <line
                key={key.kid + name}
                className={`phase ${name}${key.compromised ? " compromised" : ""}`}
                x1={x(from)}
                x2={x(to)}
                y1={i * ROW + ROW / 2}
                y2={i * ROW + ROW / 2}
                strokeWidth={BAR}
              >
                <title>{`${key.kid.slice(0, 12)}… ${name} from ${fullTime(from)} to ${fullTime(to)}`}</title>
              </line>
            )),
          )}
          <line x1={x(now)} x2={x(now)} y1="0" y2={height} className="present" />
        </svg>
      </div>
      <figcaption>
        <span>{fullTime(first)}</span>
        <span className="legend">
          <i className="published" /> published <i className="signs" /> signs <i className="planned" /> will sign{" "}
          <i className="verifies" /> verifies
        </span>
        <span>{fullTime(last)}</span>
      </figcaption>
    </figure>
  );
}

/** `next`: when the key after the one that signs is to take its place. */
function phasesOf(
  { state, createdAt, activatesAt, activatedAt, retiredAt, goneAt }: Key,
  now: number,
  next: string | null,
): Phase[] {
  const at = (time: string | null): number | null => (time === null ? null : Date.parse(time));
  const [born, begins, began, retired, gone] = [
    Date.parse(createdAt),
    at(activatesAt),
    at(activatedAt),
    at(retiredAt),
    at(goneAt),
  ];
  const phases: Phase[] = [];
  const signsFrom = began ?? begins;
  const published = { name: "published", from: born, to: signsFrom ?? gone ?? now } as const;
  if (published.to > published.from) phases.push(published);
  if (began !== null) phases.push({ name: "signs", from: began, to: retired ?? (state === "gone" ? (gone ?? now) : now) });
  if (state === "active" && next !== null) phases.push({ name: "planned", from: now, to: Math.max(now, Date.parse(next)) });
  if (retired !== null && gone !== null) phases.push({ name: "verifies", from: retired, to: Math.max(gone, retired) });
  return phases;
}
