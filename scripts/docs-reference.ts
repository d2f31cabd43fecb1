/**
 * `npm run docs:reference`: writes docs/reference from the code. With `--check` nothing is written: a page that the code has
 * left behind is a problem. reference/ has a file a page.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliPage } from "./reference/cli.ts";
import { configurationPage } from "./reference/configuration.ts";
import { errorsPage } from "./reference/errors.ts";
import { httpPage } from "./reference/http.ts";
import { report } from "./report.ts";
import type { Problem } from "./report.ts";

const FOLDER = "docs/reference";

const root = join(import.meta.dirname, "..");
const pages = {
  "configuration.md": configurationPage(root),
  "cli.md": await cliPage(),
  "errors.md": errorsPage(root),
  "http.md": await httpPage(),
};

if (process.argv.includes("--check")) report(Object.entries(pages).flatMap(outdated));
else write();

function outdated([name, text]: [string, string]): Problem[] {
  const file = `${FOLDER}/${name}`;
  return textOf(file) === text ? [] : [{ file, problem: "is not what the code says: run `npm run docs:reference`" }];
}

function textOf(file: string): string {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    return "";
  }
}

function write(): void {
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(root, FOLDER, name), text);
}
