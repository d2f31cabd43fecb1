/**
 * Starts an auth server as it is deployed, asks it what its operator would, stops it, and says what is wrong, a sentence
 * each.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** For a slow machine under load; nothing waits so long where all is well. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 100;
/** Somebody who owns nothing of what is started. Only root can become them. */
export const SOMEBODY = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

export interface Start {
  /** For the sentences. */
  readonly what: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stopSignal: NodeJS.Signals;
  /** A command that ends with 0 where the server is well; default: `GET /healthz`. */
  readonly health?: readonly string[];
}

export async function tryStart({ what, command, folder, env, stopSignal, health = [] }: Start): Promise<string[]> {
  const port = await freePort();
  const own = {
    OSTIARY_PORT: String(port),
    OSTIARY_ISSUER: "https://id.example.test/auth",
    OSTIARY_SECRET: "only for this trial, and long enough for it",
  };
  const options = { cwd: folder, env: { ...env, ...own }, ...SOMEBODY };
  const [program = "", ...args] = command;
  const isWell = async (): Promise<boolean> => {
    const [checker, ...words] = health;
    if (checker !== undefined) return spawnSync(checker, words, options).status === 0;
    return (await ask(port, "/healthz")) === 200;
  };
  if (await isWell()) return [`${what}: its health check succeeds where nothing runs.`];

  const server = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(server, "exit") as Promise<[number | null, string | null]>;
  const printed = Promise.all([text(server.stdout), text(server.stderr)]);
  const kill = setTimeout(() => server.kill("SIGKILL"), PATIENCE_MS);
  const problems: string[] = [];
  try {
    while (server.exitCode === null && server.signalCode === null && !(await isWell())) await sleep(LOOK_EVERY_MS);
    // A password is hashed and a row is written: with what only some machines have, and where only the data folder can be
    // written.
    const signUp = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "ada@example.com", password: "correct horse battery staple" }),
    };
    for (const [path, status, init] of [["/readyz", 200], ["/auth/signup", 201, signUp], ["/auth/console", 200]] as const) {
      const found = await ask(port, path, init);
      if (found !== status) problems.push(`${what}: ${path} is answered ${found}, not ${status}.`);
    }
  } finally {
    server.kill(stopSignal);
  }
  const [code, signal] = await ended;
  clearTimeout(kill);
  if (code !== 0) problems.push(`${what}: after ${stopSignal} it ended with ${code ?? signal}, not 0.`);
  return problems.length === 0 ? [] : [...problems, (await printed).join("")];
}

/** The status, or 0 where nobody answers. */
async function ask(port: number, path: string, init: RequestInit = {}): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
