import type { ReactNode } from "react";
import type { Lineage } from "../api/types.ts";
import { fullTime } from "./when.tsx";

const MIDDLE = 20;

/** The session's life to scale: when it was used, how long not, and where it ended. The list below says it in words. */
export function LineageStrip({ lineage: { steps, session } }: { lineage: Lineage }): ReactNode {
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return null;
  const isLive = session !== null && session.endedAt === null;
  const from = Date.parse(first.at);
  const to = Math.max(isLive ? Date.now() : Date.parse(last.at), from + 1);
  /** Within the picture, with room for the outermost marks. */
  const x = (at: string): string => `${(1.5 + (97 * (Date.parse(at) - from)) / (to - from)).toFixed(2)}%`;
  return (
    <figure className="strip">
      <svg width="100%" height="40" role="img" aria-label={`From ${fullTime(from)} to ${isLive ? "now" : fullTime(to)}`}>
        <line x1="1.5%" x2="98.5%" y1={MIDDLE} y2={MIDDLE} className="life" />
        {steps.map((step, i) => {
          const key = `${i}`;
          switch (step.kind) {
            case "begin":
              return <circle key={key} cx={x(step.at)} cy={MIDDLE} r="6" className="begin" />;
            case "rotations":
              return (
                <g key={key}>
                  <line x1={x(step.at)} x2={x(step.until)} y1={MIDDLE} y2={MIDDLE} className="busy" />
                  <circle cx={x(step.at)} cy={MIDDLE} r="3.5" className="rotation" />
                  <circle cx={x(step.until)} cy={MIDDLE} r="3.5" className="rotation" />
                </g>
              );
            case "repeats":
              return <circle key={key} cx={x(step.at)} cy={MIDDLE} r="5" className="repeat" />;
            case "theft":
              return <line key={key} x1={x(step.at)} x2={x(step.at)} y1="4" y2="36" className="theft" />;
            case "end":
              return <line key={key} x1={x(step.at)} x2={x(step.at)} y1="10" y2="30" className="end" />;
            case "other":
              return <circle key={key} cx={x(step.at)} cy={MIDDLE} r="2.5" className="other" />;
          }
        })}
        {isLive && <circle cx="98.5%" cy={MIDDLE} r="5" className="live" />}
      </svg>
      <figcaption>
        <span>{fullTime(from)}</span>
        <span>{isLive ? "now" : fullTime(to)}</span>
      </figcaption>
    </figure>
  );
}
