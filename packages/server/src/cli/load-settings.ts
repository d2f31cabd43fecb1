import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readEnvironment, resolveSettings } from "../config.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import type { Settings } from "../config-schema.ts";
import { StartError } from "../errors.ts";

const CONFIG_FILES = ["ostiary.config.ts", "ostiary.config.js", "ostiary.config.mjs"];

/** The settings of this process: the environment, above `ostiary.config.ts` in the working directory. */
export async function loadSettings(): Promise<Settings> {
  return resolveSettings({ environment: readEnvironment(), inFile: await readConfigFile() });
}

async function readConfigFile(): Promise<OstiaryConfig> {
  const file = CONFIG_FILES.find((name) => existsSync(name));
  if (file === undefined) return {};
  const url = pathToFileURL(resolve(file)).href;
  const loaded = await (import(url) as Promise<{ default?: unknown }>).catch((cause: unknown) => {
    throw new StartError(`${file} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  if (typeof loaded.default !== "object" || loaded.default === null) {
    throw new StartError(`${file} must have a default export: export default defineConfig({ … })`);
  }
  return loaded.default;
}
