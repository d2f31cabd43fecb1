/** The example with an auth server of its own beside it: with the files that the guide has for that, and without the others. */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fencedBlocks } from "../printed-blocks.ts";
import { REPOSITORY } from "../launch.ts";
import { NEXT, NEXT_APP } from "./build-example.ts";

/** Below the example, so that it finds what is installed there. */
export const SEPARATE_APP = join(NEXT_APP, ".separate");

/** Built anew each time: the address of the auth server becomes part of it. */
export function buildSeparateApp(env: Readonly<Record<string, string>>): void {
  rmSync(SEPARATE_APP, { recursive: true, force: true });
  for (const name of ["app", "lib", "proxy.ts", "tsconfig.json", "package.json"]) {
    cpSync(join(NEXT_APP, name), join(SEPARATE_APP, name), { recursive: true });
  }
  for (const name of ["app/auth", "app/.well-known", "lib/ostiary.ts"]) rmSync(join(SEPARATE_APP, name), { recursive: true });
  const guide = readFileSync(join(REPOSITORY, "docs/nextjs.md"), "utf8");
  for (const block of fencedBlocks(guide, "ts")) {
    const [, path, content] = /^\/\/ (\S+), with a server of its own\n([\s\S]*)$/.exec(block) ?? [];
    if (path !== undefined) writeFileSync(join(SEPARATE_APP, path), `${content}\n`);
  }
  const profile = join(SEPARATE_APP, "app/profile/page.tsx");
  writeFileSync(profile, readFileSync(profile, "utf8").replace("lib/ostiary", "lib/auth"));
  const environment = { ...process.env, ...env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [NEXT, "build"], {
    cwd: SEPARATE_APP,
    env: environment,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`next build failed\n${stdout}${stderr}`);
}
