/** Programs that a script starts beside itself, asks over HTTP, and ends. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export interface Program {
  printed(): string;
  hasEnded(): boolean;
}

export interface Programs {
  /** In `folder`, which is made if need be. */
  start(command: string, args: readonly string[], folder: string, env?: Readonly<Record<string, string>>): Program;
  end(): void;
}

const PATIENCE_MS = 60_000;
const CREDENTIALS = { email: "ada@example.com", password: "correct horse battery staple", delivery: "body" };

export function startPrograms(): Programs {
  const running: ChildProcess[] = [];
  return {
    start(command, args, folder, env = {}) {
      mkdirSync(folder, { recursive: true });
      const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env } });
      running.push(child);
      let printed = "";
      let hasEnded = false;
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
      }
      child.once("error", (error) => (printed += error.message)).once("close", () => (hasEnded = true));
      return { printed: () => printed, hasEnded: () => hasEnded };
    },
    end() {
      for (const child of running) child.kill("SIGKILL");
    },
  };
}

/** The first answer there is at `url`. Throws if the program ends before, or there is none for a minute. */
export async function firstAnswer(url: string, program: Program): Promise<Response> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    if (program.hasEnded()) throw new Error(`It ended.\n${program.printed()}`);
    try {
      return await fetch(url);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(50);
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Tokens of somebody who is signed in at `issuer`, and has an account from then on. */
export async function signIn(issuer: string): Promise<{ accessToken: string }> {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(CREDENTIALS) };
  const signup = await fetch(`${issuer}/signup`, request);
  const session = signup.status === 409 ? await fetch(`${issuer}/login`, request) : signup;
  return (await session.json()) as { accessToken: string };
}
