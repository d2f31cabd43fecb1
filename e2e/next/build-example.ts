/** Before the tests: the example is installed, and built as for production. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { example, installExample, isYounger } from "../install-example.ts";

export const NEXT_APP = example("next-app");
export const NEXT = join(NEXT_APP, "node_modules/next/dist/bin/next");

export function setup(): void {
  installExample(NEXT_APP);
  const sources = globSync(["{app,lib}/**/*", "app/.well-known/**/*", "*.ts", "*.json", "packages/*.tgz"], { cwd: NEXT_APP });
  const ours = sources.filter((file) => file !== "next-env.d.ts").map((file) => join(NEXT_APP, file));
  if (isYounger(join(NEXT_APP, ".next/BUILD_ID"), ours)) return;
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" } as const;
  const { status, stdout } = spawnSync(process.execPath, [NEXT, "build"], {
    cwd: NEXT_APP,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`next build failed\n${stdout}`);
}
