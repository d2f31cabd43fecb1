/**
 * Real processes for tests: started, watched and always killed at the end.
 * Owns processes, ports and folders. What the processes are asked over HTTP is the business of `call.ts`.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll } from "vitest";

export const REPOSITORY = join(import.meta.dirname, "..");

/** From the first file on, which Node would take the types out of each time: before it runs, it cannot ask for a cache. */
const COMPILE_CACHE = join(REPOSITORY, "node_modules/.cache/compiled");

/** A process that is not there after this long will not come. For "does not hang" only. */
const PATIENCE_MS = 60_000;
const POLL_MS = 10;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Launched {
  readonly pid: number;
  /** Everything printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when the process has ended and all it printed has been read. */
  readonly ended: Promise<Ending>;
  readonly hasEnded: boolean;
  write(text: string): void;
  /** Writes the last text, if any, and closes its standard input. */
  end(text?: string): void;
  /** To the process alone, or to every process of its group. */
  signal(signal: NodeJS.Signals, to?: "process" | "group"): void;
  /** Resolves when the process prints `expected` on standard output. */
  says(expected: RegExp): Promise<void>;
}

export interface LaunchOptions {
  readonly cwd?: string;
  /** Beside the environment of the tests, which is without settings of Ostiary. */
  readonly env?: Readonly<Record<string, string>>;
  /** In a process group of its own, as a shell would start it. */
  readonly group?: boolean;
  /** As whom it runs, if not as we do. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

const running = new Set<ChildProcess>();
const folders: string[] = [];

// The tests' runner; other programs clean up themselves.
if (process.env["VITEST"] !== undefined) afterAll(cleanUp);
process.once("exit", killAll);

/** Ends every process that was launched and removes the folders. */
export async function cleanUp(): Promise<void> {
  const ending = [...running].map((child) => new Promise((resolve) => child.once("exit", resolve)));
  killAll();
  await Promise.all(ending);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function launch(command: string, args: readonly string[], options: LaunchOptions = {}): Launched {
  const child = spawn(command, args, {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...plainEnvironment(), ...options.env },
    detached: options.group === true,
    ...(options.owner === undefined ? {} : { uid: options.owner.uid, gid: options.owner.gid }),
  });
  running.add(child);
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
  child.stdin.on("error", () => {}); // Nobody has to read what is written.
  const state = { ended: false };
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => running.delete(child));
    child.once("close", (code, signal) => {
      state.ended = true;
      resolve({ code, signal });
    });
  });
  ended.catch(() => {});

  return {
    pid: child.pid ?? Number.NaN,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    ended,
    get hasEnded() {
      return state.ended;
    },
    write: (text) => child.stdin.write(text),
    end: (text = "") => child.stdin.end(text),
    signal(signal, to = "process") {
      if (to === "group") process.kill(-child.pid!, signal);
      else child.kill(signal);
    },
    says: (expected) =>
      until(`${command} ${args.join(" ")} says ${expected}`, () => {
        if (state.ended) throw new Error(`It ended before it said ${expected}: ${printed.stdout}${printed.stderr}`);
        return expected.test(printed.stdout);
      }),
  };
}

/** Looks until `condition` holds; throws if it does not in a time that no slow machine needs. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await pause(POLL_MS);
  }
}

/** Removed after the tests of the file. With `packages`, programs in it can import what the workspace has. */
export function temporaryFolder({ packages = false } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "ostiary-e2e-"));
  folders.push(folder);
  if (packages) symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Each worker of the tests takes ports of its own, one after the other, beginning anywhere. */
const PORTS_OF_WORKER = 3000;
const firstPort = 20_000 + PORTS_OF_WORKER * (Number(process.env["VITEST_POOL_ID"] ?? 0) % 4);
let nextPort = randomInt(PORTS_OF_WORKER);

/**
 * A port that nobody uses, and that nobody is given before our process has it: below those that systems hand out by
 * themselves, to whoever asks for any port or connects to somewhere.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (nextPort++ % PORTS_OF_WORKER);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** What a person's shell has: no settings of Ostiary or of the test runner, no paths that npm has put in front. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:OSTIARY_|PORT$|NODE_|VITEST|VITE_|TEST$|npm_|INIT_CWD$|FORCE_COLOR$)/i;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), NO_COLOR: "1", NODE_COMPILE_CACHE: COMPILE_CACHE };
}

function killAll(): void {
  for (const child of running) {
    try {
      // A group's leader takes the group with it.
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
  }
}
