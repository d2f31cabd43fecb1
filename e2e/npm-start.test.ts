import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isReady } from "./call.ts";
import { freePort, launch, temporaryFolder } from "./launch.ts";
import type { Launched } from "./launch.ts";
import { asServer, untilReady } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

/** Only the script of util-linux takes a command to run in a terminal. */
const hasTerminal = /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "");
const CTRL_C = "\u0003";

// That `ended` resolves shows that no process is left: an orphan would hold the output open.
describe("`npm start` in the repository", () => {
  it("ends cleanly at SIGTERM to its process group", async () => {
    const server = await npmStart();
    server.process.signal("SIGTERM", "group");
    await expectCleanEnd(server);
  });

  it("ends cleanly at SIGTERM to npm alone", async () => {
    const server = await npmStart();
    server.process.signal("SIGTERM");
    await expectCleanEnd(server);
  });

  it("ends cleanly at Ctrl-C in a terminal", async () => {
    const server = await npmStart({ inTerminal: hasTerminal });
    if (hasTerminal) server.process.write(CTRL_C);
    else server.process.signal("SIGINT", "group");
    await expectCleanEnd(server);
    expect(await server.process.ended).toMatchObject({ code: 0 });
  });
});

async function npmStart({ inTerminal = false } = {}): Promise<RunningServer> {
  const [port, folder] = [await freePort(), temporaryFolder()];
  const env = { OSTIARY_PORT: String(port), OSTIARY_DATA_DIR: join(folder, "data") };
  const process: Launched = inTerminal
    // No shell between the terminal and npm: dash would answer the Ctrl-C itself, and end with 130.
    ? launch("script", ["-qec", "exec npm start", "/dev/null"], { env: { ...env, SHELL: "/bin/sh" } })
    : launch("npm", ["start"], { env, group: true });
  const server = asServer(process, port, folder);
  await untilReady(server);
  await process.says(/Ostiary is ready/);
  return server;
}

async function expectCleanEnd(server: RunningServer): Promise<void> {
  await server.process.ended;
  expect(server.process.stdout).toMatch(/Stopping: answering what is under way\.\s*/);
  expect(server.process.stderr).toBe("");
  expect(await isReady(server.url)).toBe(false);
}
