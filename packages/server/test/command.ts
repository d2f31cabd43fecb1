/** The command line in this process, for tests that look at what it did as well as at what it said. */
import { vi } from "vitest";
import { runCli } from "../src/cli/program.ts";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command with the settings of the (stubbed) environment, and tells what it printed. */
export async function ostiary(...args: string[]): Promise<Said> {
  const printed = { out: "", err: "" };
  const out = vi.spyOn(console, "log").mockImplementation((line: string) => void (printed.out += `${line}\n`));
  const err = vi.spyOn(console, "error").mockImplementation((line: string) => void (printed.err += `${line}\n`));
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => (printed.err += String(text)).length > 0);
  try {
    return { code: await runCli(["node", "ostiary", ...args]), ...printed };
  } finally {
    for (const spy of [out, err, stderr]) spy.mockRestore();
  }
}

/** What it prints with `--json`, a value a line. Throws if the command fails. */
export async function ostiaryJson<Value = Record<string, unknown>>(...args: string[]): Promise<Value[]> {
  const { code, out, err } = await ostiary(...args, "--json");
  if (code !== 0) throw new Error(`ostiary ${args.join(" ")} ended with ${code}: ${err}`);
  return out.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Value);
}
