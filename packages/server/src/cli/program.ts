import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { OstiaryError, StartError } from "../errors.ts";
import { addApiKeysCommand } from "./api-keys.ts";
import { addClientsCommand } from "./clients.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addInspectCommand } from "./inspect.ts";
import { addKeysCommand } from "./keys.ts";
import { addRegistrationTokensCommand } from "./registration-tokens.ts";
import { addSecretCommand } from "./secret.ts";
import { addSessionsCommand } from "./sessions.ts";
import { addStartCommand } from "./start.ts";
import { addUsersCommand } from "./users.ts";

const FAILED = 1;
const WRONG_USE = 2;

/** As published; the same file is above `dist`. */
function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("ostiary")
    .description("JWT authentication: an auth server, its users and its tokens.")
    .version(version(), "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .showHelpAfterError();
  addStartCommand(program);
  addUsersCommand(program);
  addSessionsCommand(program);
  addClientsCommand(program);
  addApiKeysCommand(program);
  addRegistrationTokensCommand(program);
  addKeysCommand(program);
  addInspectCommand(program);
  addDoctorCommand(program);
  addSecretCommand(program);
  return program;
}

/** Runs one command and tells the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
    if (!(error instanceof StartError || error instanceof OstiaryError)) throw error;
    console.error(error.message);
    return FAILED;
  }
}
