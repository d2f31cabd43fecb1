/** What a page has to load of the client, minified and gzipped, stays within what the README promises. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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
  { file: CORE, beside: null, bytes: 5000 },
  { file: "packages/client/src/react/index.ts", beside: CORE, bytes: 4000 },
];

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
report(problems);
