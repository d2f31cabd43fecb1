import { inspect } from "node:util";

/** Where failures go that have no caller to tell, unless the configuration names another place: standard error. */
export function reportError(error: unknown): void {
  // Where that cannot be written either, nobody is left to tell; unheard, it would end the process.
  if (!process.stderr.listeners("error").includes(ignore)) process.stderr.on("error", ignore);
  process.stderr.write(`${inspect(error)}\n`);
}

function ignore(): void {}
