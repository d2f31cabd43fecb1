/** The command line as people and scripts use it: in this process, which takes a tenth of the time, or in one of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { format } from "node:util";
import { afterAll, vi } from "vitest";
import { runCli as runProgram } from "../src/cli/program.ts";

export const MAIN = join(import.meta.dirname, "../src/cli/main.ts");

/** Node compiles the same files for each process otherwise, and takes the types out of the first. */
const COMPILE_CACHE = join(import.meta.dirname, "../../../node_modules/.cache/compiled");

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Where it is run; default: an empty folder. */
  readonly folder?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** As a process. What it prints and ends with is the same; what Node itself might add to that shows only here. */
export async function runCliProcess(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.folder ?? temporaryFolder(),
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment(options) },
  });
  child.stdin.on("error", () => {}); // It need not read what it is given.
  child.stdin.end(options.stdin ?? "");
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

let last: Promise<unknown> = Promise.resolve();

/** In this process, with its folder, environment and streams for as long as it runs: one after the other. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const run = last.then(() => runHere(args, options));
  last = run.catch(() => {});
  return run;
}

async function runHere(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const printed = { stdout: "", stderr: "" };
  const printTo = (stream: keyof typeof printed) => (...values: unknown[]) => void (printed[stream] += `${format(...values)}\n`);
  const writeTo = (stream: keyof typeof printed) => (chunk: string | Uint8Array) => (printed[stream] += String(chunk)).length > 0;
  const spies = [
    vi.spyOn(console, "log").mockImplementation(printTo("stdout")),
    vi.spyOn(console, "error").mockImplementation(printTo("stderr")),
    vi.spyOn(process.stdout, "write").mockImplementation(writeTo("stdout")),
    vi.spyOn(process.stderr, "write").mockImplementation(writeTo("stderr")),
    vi.spyOn(process, "stdin", "get").mockReturnValue(Readable.from([Buffer.from(options.stdin ?? "")]) as typeof process.stdin),
  ];
  const [folder, env] = [process.cwd(), process.env];
  process.chdir(options.folder ?? temporaryFolder());
  process.env = environment(options);
  try {
    return { code: await runProgram(["node", "ostiary", ...args]), ...printed };
  } finally {
    process.chdir(folder);
    process.env = env;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Without the settings of whoever runs the tests. */
function environment(options: CliOptions): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:OSTIARY_.*|PORT|NODE_ENV|FORCE_COLOR)$/.test(name));
  return { ...Object.fromEntries(kept), ...options.env };
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ostiary-cli-"));
  folders.push(folder);
  return folder;
}
