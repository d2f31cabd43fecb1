import Bowser from "bowser";
import type { Origin } from "../audit/audit-event.ts";

const BROWSERS: ReadonlySet<string> = new Set(Object.values(Bowser.BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP));

/** Where something comes from, and what that calls itself. */
export type DescribedOrigin = Origin & { readonly label?: string };

/**
 * What a notice says of where something came from. Of a device's label only names of browsers and systems that are known: the
 * rest is what somebody calls themselves.
 */
export function deviceDetail(from: { readonly ip: string | null; readonly label?: string }): Record<string, string | null> {
  const [browser = "", system] = (from.label ?? "").split(" on ");
  const isKnown = BROWSERS.has(browser) && (system === undefined || SYSTEMS.has(system));
  return { ip: from.ip, device: isKnown ? (from.label ?? null) : null };
}
