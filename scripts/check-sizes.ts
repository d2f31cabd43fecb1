/**
 * What a page has to load of the client, minified and gzipped, stays within what the README promises; and the adapters to
 * frameworks stay thin enough to be read at a glance: what they would have to decide belongs below them.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parseSync } from "oxc-parser";
import { rolldown } from "rolldown";
import { report } from "./report.ts";
import type { Problem } from "./report.ts";

interface Budget {
  readonly file: string;
  /** What is loaded in any case, and not counted. */
  readonly beside: string | null;
  readonly bytes: number;
}

const CORE = "packages/client/src/index.ts";
const budgets: readonly Budget[] = [
  { file: CORE, beside: null, bytes: 5120 },
  { file: "packages/client/src/react/index.ts", beside: CORE, bytes: 4000 },
  { file: "packages/client/src/passkeys/index.ts", beside: CORE, bytes: 900 },
  { file: "packages/client/src/redirect/index.ts", beside: null, bytes: 6700 },
  { file: "packages/client/src/dpop/index.ts", beside: CORE, bytes: 1900 },
];

/** Without comments and blank lines. */
const ADAPTER_LINES = 60;

/** The lines of a TypeScript source on which there is code. */
function linesOfCode(file: string): number {
  const source = readFileSync(file, "utf8");
  let code = source;
  // Positions are kept: what is taken out becomes blanks.
  for (const { start, end } of parseSync(file, source).comments) {
    code = code.slice(0, start) + code.slice(start, end).replaceAll(/[^\n]/g, " ") + code.slice(end);
  }
  return code.split("\n").filter((line) => line.trim() !== "").length;
}

/** The gzipped size in bytes of modules in one bundle, without React. */
async function sizeOf(files: readonly string[]): Promise<number> {
  const everything = files.map((file) => `export * from ${JSON.stringify(join(process.cwd(), file))};`).join("\n");
  const build = await rolldown({
    input: "entry",
    external: [/^react(?:-dom)?(?:\/|$)/],
    transform: { jsx: "react-jsx" },
    plugins: [
      { name: "entry", resolveId: (id) => (id === "entry" ? id : null), load: (id) => (id === "entry" ? everything : null) },
    ],
  });
  const { output } = await build.generate({ format: "esm", minify: true });
  await build.close();
  return gzipSync(output[0].code, { level: 9 }).length;
}

const problems: Problem[] = [];
for (const { file, beside, bytes } of budgets) {
  const size = beside === null ? await sizeOf([file]) : (await sizeOf([beside, file])) - (await sizeOf([beside]));
  console.log(`${file}: ${size} of ${bytes} bytes`);
  if (size >= bytes) problems.push({ file, problem: `${size} bytes gzipped, and should be below ${bytes}` });
}
for (const file of globSync("packages/*/src/adapters/*.ts", { exclude: ["**/*.test.ts"] }).toSorted()) {
  const lines = linesOfCode(file);
  console.log(`${file}: ${lines} of ${ADAPTER_LINES} lines`);
  if (lines > ADAPTER_LINES) {
    problems.push({ file, problem: `${lines} lines of code, and an adapter should have no more than ${ADAPTER_LINES}` });
  }
}
report(problems);
