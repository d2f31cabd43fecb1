import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_MS = 60_000;
const STOP_MS = 5000;

/** Flags of Node for servers that are to say what they use. */
export const MEASURED = ["--expose-gc", "--import", join(import.meta.dirname, "answer-usage.ts")];

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** All that are still there. */
export async function stopAll(): Promise<void> {
  await Promise.all(Array.from(running, stopProcess));
}

async function stopProcess(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await Promise.race([ended, pause(STOP_MS, undefined, { ref: false })]);
  child.kill("SIGKILL");
}

/** A process of ours that answers one message with one. */
export interface Child {
  ask<Answer>(message: object): Promise<Answer>;
  stop(): Promise<void>;
}

/** Node on `args`, with an IPC channel. What it prints on standard error is shown, unless it is `quiet`. */
export function startChild(
  args: readonly string[],
  { env = {}, cwd = ".", quiet = false }: { env?: Readonly<Record<string, string>>; cwd?: string; quiet?: boolean } = {},
): Child {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", quiet ? "ignore" : "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  running.add(child);
  child.once("exit", () => running.delete(child));
  return {
    async ask<Answer>(message: object) {
      const answer = once(child, "message") as Promise<[Answer]>;
      child.send(message);
      return (await Promise.race([answer, ended.then(() => failed(child, args))]))[0];
    },
    async stop() {
      if (running.has(child)) await stopProcess(child);
    },
  };
}

/** Resolves once something answers at `url`. */
export async function untilAnswered(url: string): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await pause(50)) {
    const answer = await fetch(url).catch(() => null);
    if (answer !== null) return void (await answer.arrayBuffer());
    if (performance.now() > deadline) throw new Error(`Nothing answers at ${url}.`);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No free port.");
  return address.port;
}

function failed(child: ChildProcess, args: readonly string[]): never {
  throw new Error(`${args.at(-1)} ended with ${child.exitCode ?? child.signalCode}.`);
}
