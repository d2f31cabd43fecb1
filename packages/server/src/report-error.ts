import { inspect } from "node:util";

/** Where failures go that have no caller to tell, unless the configuration names another place: standard error. */
export function reportError(error: unknown): void {
  process.stderr.write(`${inspect(error)}\n`);
}
