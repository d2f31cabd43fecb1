import type { ReactNode } from "react";
import type { Device, Step } from "../api/types.ts";
import { fullTime } from "./when.tsx";
import { eventName, place, plural, reasonInWords } from "./words.ts";

/** Where the session's own line is, and that of whoever else came with its token. */
const OWN = 22;
const OTHER = 50;
const NODE = 24;

/**
 * The life of a session, from the top down: one line that every rotation carries on, a loop where something was repeated,
 * a second line where another device came with a token that had been used, and where it all stopped.
 */
export function LineagePicture({ steps, isLive }: { steps: readonly Step[]; isLive: boolean }): ReactNode {
  return (
    <ol className="lineage">
      {steps.map((step, i) => (
        <li key={`${step.at} ${i}`} className={`step ${step.kind}`}>
          <svg className="rail" width="72" height="100%" aria-hidden="true">
            {i > 0 && <line x1={OWN} x2={OWN} y1="-1" y2={NODE} className="thread" />}
            {(i < steps.length - 1 || isLive) && <line x1={OWN} x2={OWN} y1={NODE} y2="100%" className="thread" />}
            <Node step={step} />
          </svg>
          <div className="told">
            <Told step={step} />
          </div>
        </li>
      ))}
      {isLive && (
        <li className="step now">
          <svg className="rail" width="72" height="100%" aria-hidden="true">
            <line x1={OWN} x2={OWN} y1="0" y2={NODE} className="thread" />
            <circle cx={OWN} cy={NODE} r="6" className="node live" />
            <circle cx={OWN} cy={NODE} r="10" className="halo" />
          </svg>
          <div className="told">
            <strong>Live</strong>
          </div>
        </li>
      )}
    </ol>
  );
}

function Node({ step }: { step: Step }): ReactNode {
  switch (step.kind) {
    case "begin":
      return (
        <>
          <circle cx={OWN} cy={NODE} r="8" className="node begin" />
          <path d={`M${OWN - 3} ${NODE}h6m-2.5-2.5 2.5 2.5-2.5 2.5`} className="glyph" />
        </>
      );
    case "rotations":
      // As many beads as fit, for whoever counts.
      return beads(step.count).map((y) => <circle key={y} cx={OWN} cy={y} r="4" className="node rotation" />);
    case "repeats":
      return (
        <>
          <path
            d={`M${OWN} ${NODE - 6}C${OTHER + 6} ${NODE - 14} ${OTHER + 6} ${NODE + 14} ${OWN + 3} ${NODE + 6}`}
            className="loop"
          />
          <path d={`M${OWN + 9} ${NODE + 1.5}l-6.5 4.7 7.6 2.6`} className="loop" />
          <circle cx={OWN} cy={NODE} r="4" className="node repeat" />
        </>
      );
    case "theft":
      return (
        <>
          <line x1={OTHER} x2={OTHER} y1={NODE + 26} y2="100%" className="stolen" />
          <svg y="100%" overflow="visible">
            <path d={`M${OTHER - 5} 2l10 10m0 -10l-10 10`} className="cross" />
          </svg>
          <path d={`M${OWN} ${NODE}C${OWN} ${NODE + 16} ${OTHER} ${NODE + 10} ${OTHER} ${NODE + 26}`} className="stolen" />
          <path d={`M${OWN} ${NODE - 10}l10 18h-20z`} className="node theft" />
          <path d={`M${OWN} ${NODE - 3}v5m0 2.6v.4`} className="glyph" />
        </>
      );
    case "end":
      return (
        <>
          <line x1={OWN - 10} x2={OWN + 10} y1={NODE} y2={NODE} className="stop" />
        </>
      );
    case "other":
      return <circle cx={OWN} cy={NODE} r="3" className="node other" />;
  }
}

function beads(count: number): number[] {
  return Array.from({ length: Math.min(count, 3) }, (_, i) => NODE + i * 11 - (Math.min(count, 3) - 1) * 5.5);
}

function Told({ step }: { step: Step }): ReactNode {
  switch (step.kind) {
    case "begin":
      return (
        <Line title={eventName(step.how)} at={step.at} more={[place(step.device), step.remember ? "to be remembered" : ""]} />
      );
    case "rotations":
      return (
        <Line
          title={
            step.count === 1
              ? `Rotated to generation ${step.generation}`
              : `${plural(step.count, "rotation")}, to generation ${step.generation}`
          }
          at={step.at}
          until={step.until}
          more={[place(step.device), ...noteworthy(step)]}
        />
      );
    case "repeats": {
      const times = step.count === 1 ? "" : ` ${step.count} times`;
      return (
        <Line
          title={
            step.late
              ? `Generation ${step.generation} repeated late`
              : `Generation ${step.generation} repeated${times} within the grace`
          }
          at={step.at}
          until={step.until}
          more={[
            step.late ? "The answer had been lost" : "Answers that overtook each other, as of two tabs",
            `to a holder of generation ${step.presented}`,
            place(step.device),
            ...noteworthy(step),
          ]}
        />
      );
    }
    case "theft":
      return (
        <>
          <Line
            title="Theft"
            at={step.at}
            more={[
              `Generation ${step.presented} came again while ${step.generation} was current. Somebody has a copy, so ` +
              "nobody goes on.",
            ]}
          />
          <div className="suspects">
            <Suspect role="Came with the used token" device={step.presentedBy} />
            <Suspect role="Had rotated last" device={step.lastRotatedBy} />
          </div>
        </>
      );
    case "end":
      return (
        <Line
          title={reasonInWords(step.reason)}
          at={step.at}
          more={[step.by === null ? "" : `by ${step.by.email}`, step.device === null ? "" : `from ${place(step.device)}`]}
        />
      );
    case "other":
      return <Line title={eventName(step.type)} at={step.at} more={[place(step.device)]} />;
  }
}

function Line({
  title,
  at,
  until = at,
  more,
}: {
  title: string;
  at: string;
  until?: string;
  more: readonly string[];
}): ReactNode {
  return (
    <>
      <strong>{title}</strong>
      <span className="quiet">
        <time dateTime={at}>{fullTime(at)}</time>
        {until !== at && (
          <>
            {" – "}
            <time dateTime={until}>{fullTime(until)}</time>
          </>
        )}
      </span>
      <span>{more.filter(Boolean).join(" · ")}</span>
    </>
  );
}

function Suspect({ role, device }: { role: string; device: Device }): ReactNode {
  return (
    <div className="suspect">
      <small className="quiet">{role}</small>
      <strong>{device.label}</strong>
      <span>{device.ip ?? "from an unknown address"}</span>
      <small className="quiet">{device.userAgent ?? "no user agent"}</small>
    </div>
  );
}

function noteworthy({ healedFrom, changed }: Extract<Step, { kind: "rotations" | "repeats" }>): string[] {
  const lines = healedFrom === null ? [] : [`the store had lost writes and stood at ${healedFrom}`];
  if (changed?.["userAgent"] !== undefined) lines.push("another browser than before");
  if (changed?.["network"] !== undefined) lines.push(`another network than ${changed["network"].from ?? "before"}`);
  return lines;
}
