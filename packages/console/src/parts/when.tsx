import { useEffect, useState } from "react";
import type { ReactNode } from "react";

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "long" });
const absolute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** `seconds` from now, which may be negative: "5 minutes ago". */
export function inWords(seconds: number): string {
  if (Math.abs(seconds) < 1.5) return "just now";
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS[3];
  return relative.format(Math.trunc(seconds / size), unit);
}

export function fullTime(at: string | number): string {
  return absolute.format(new Date(at));
}

/** The present time, renewed so often. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** A time as people say it; in full for whoever points at it. */
export function When({ at, none = "never" }: { at: string | null; none?: string }): ReactNode {
  const now = useNow(at !== null && Math.abs(Date.now() - Date.parse(at)) < 120_000 ? 1000 : 30_000);
  if (at === null) return none;
  return (
    <time dateTime={at} title={fullTime(at)}>
      {inWords((Date.parse(at) - now) / 1000)}
    </time>
  );
}
