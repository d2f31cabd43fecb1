/** Where the browser is: `CHROMIUM_PATH`, else one of PATH. In CI it is installed where it is missing. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    chromium: string;
  }
}

/** First the one without windows and their menus, which costs a third of what a browser does that only hides them. */
const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

export function setup(project: TestProject): void {
  const isCi = process.env["CI"] === "true";
  let path = process.env["CHROMIUM_PATH"] ?? findChromium();
  if (path === undefined && isCi && process.getuid?.() === 0) {
    const options = { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } } as const;
    spawnSync("apt-get", ["update", "-qq"], options);
    for (const name of ["chromium-headless-shell", "chromium"]) {
      if (spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", name], options).status === 0) break;
    }
    path = findChromium();
  }
  if (path === undefined) {
    throw new Error("There is no Chromium here: install it (apt install chromium), or set CHROMIUM_PATH.");
  }
  project.provide("chromium", path);
}

export function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}
