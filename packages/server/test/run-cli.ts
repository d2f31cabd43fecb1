/** The command line as a process of its own, as people and scripts use it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";

export const MAIN = join(import.meta.dirname, "../src/cli/main.ts");

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

/** Without the settings of whoever runs the tests. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:OSTIARY_.*|PORT|NODE_ENV|FORCE_COLOR)$/.test(name));
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.folder ?? temporaryFolder(),
    env: { ...Object.fromEntries(kept), ...options.env },
  });
  child.stdin.on("error", () => {}); // It need not read what it is given.
  child.stdin.end(options.stdin ?? "");
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
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
