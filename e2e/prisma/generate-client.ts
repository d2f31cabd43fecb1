/** Before the tests: the example is installed, its client generated, and what it is made of holds for the compiler. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { example, installExample } from "../install-example.ts";

const app = example("own-users-prisma");

export function setup(): void {
  installExample(app);
  // Only migrations need the engine that would be downloaded here.
  run("prisma", ["generate"], {
    PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  });
  run("tsc", ["-p", "."]);
}

function run(command: string, args: string[], env: Record<string, string> = {}): void {
  const path = join(app, "node_modules/.bin", command);
  const { status, stdout, stderr } = spawnSync(path, args, { cwd: app, env: { ...process.env, ...env }, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed\n${stdout}${stderr}`);
}
