import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";

type Add = (program: Command) => void;

/** In the order of the help. Each is loaded when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  start: async () => (await import("./start.ts")).addStartCommand,
  users: async () => (await import("./users.ts")).addUsersCommand,
  sessions: async () => (await import("./sessions.ts")).addSessionsCommand,
  clients: async () => (await import("./clients.ts")).addClientsCommand,
  "api-keys": async () => (await import("./api-keys.ts")).addApiKeysCommand,
  "registration-tokens": async () => (await import("./registration-tokens.ts")).addRegistrationTokensCommand,
  keys: async () => (await import("./keys.ts")).addKeysCommand,
  inspect: async () => (await import("./inspect.ts")).addInspectCommand,
  doctor: async () => (await import("./doctor.ts")).addDoctorCommand,
  secret: async () => (await import("./secret.ts")).addSecretCommand,
};

const WRONG_USE = 2;

/** As published; the same file is above `dist`. */
function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The whole command line; or, where `first` names a command, that one. */
export async function createProgram(first = ""): Promise<Command> {
  const program = new Command("ostiary")
    .description("JWT authentication: an auth server, its users and its tokens.")
    .version(version(), "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .showHelpAfterError();
  const loads = Object.entries(COMMANDS).filter(([name]) => name === first || !Object.hasOwn(COMMANDS, first));
  for (const add of await Promise.all(loads.map(([, load]) => load()))) add(program);
  return program;
}

/** Runs one command. Tells the exit code of what commander has to say of it: help, and wrong use. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  try {
    await (await createProgram(argv[2])).parseAsync(argv);
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : WRONG_USE;
  }
}
