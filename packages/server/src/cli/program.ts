import { OstiaryError, StartError } from "../errors.ts";

const FAILED = 1;

/** Runs one command and tells the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    const [, , ...args] = argv;
    if (args.length !== 1 || args[0] !== "start") return await (await import("./commands.ts")).runCommand(argv);
    // The one that somebody waits for, and nothing in it to parse.
    await (await import("./start.ts")).start();
    return 0;
  } catch (error) {
    if (!(error instanceof StartError || error instanceof OstiaryError)) throw error;
    console.error(error.message);
    return FAILED;
  }
}
