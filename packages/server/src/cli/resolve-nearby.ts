/**
 * A relative import in a file of ours, or of a library that is all ES modules, is at the very address it names. Node looks
 * up each all the same (is it a file, is it a link, what is its package), which is a fifth of a start. Whatever else is
 * imported it looks up as always: other libraries, and what an application's configuration names.
 */
import { registerHooks } from "node:module";

/** Those that most files of a start come from. */
const LIBRARIES = ["@ostiary/guard/embedded", "@ostiary/jwt", "@ostiary/protocol", "hono", "kysely", "zod"];

export interface Nearby {
  readonly url: string;
  readonly format: "module" | "module-typescript";
}

/** `folders` end with a slash. Null if Node has to look it up. */
export function nearby(specifier: string, parent: string | undefined, folders: readonly string[]): Nearby | null {
  const [extension] = /\.[jt]s$/.exec(specifier) ?? [];
  if (extension === undefined || !specifier.startsWith(".") || parent === undefined) return null;
  const { href } = new URL(specifier, parent);
  const isOurs = folders.some((folder) => parent.startsWith(folder) && href.startsWith(folder));
  return isOurs ? { url: href, format: extension === ".ts" ? "module-typescript" : "module" } : null;
}

export function resolveNearby(): void {
  const folders = [new URL("../", import.meta.url).href, ...LIBRARIES.map((name) => new URL("./", import.meta.resolve(name)).href)];
  registerHooks({
    resolve(specifier, context, next) {
      const found = context.conditions.includes("import") ? nearby(specifier, context.parentURL, folders) : null;
      return found === null ? next(specifier, context) : { ...found, shortCircuit: true };
    },
  });
}
