/** How much the token engine weighs in a bundle: minified and gzipped, without node:crypto. `npm run bench -- size` */
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { rolldown } from "rolldown";

export async function printSize(): Promise<void> {
  const input = join(import.meta.dirname, "../packages/jwt/src/index.ts");
  const bundle = await rolldown({ input, external: [/^node:/], platform: "node" });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const [{ code }] = output;
  console.log(`@ostiary/jwt: ${code.length.toLocaleString("en")} bytes, gzipped ${gzipSync(code, { level: 9 }).length.toLocaleString("en")}`);
}
