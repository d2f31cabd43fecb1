import { flushCompileCache } from "node:module";
import type { Command } from "commander";
import { startWarnings } from "../config.ts";
import { loadSettings } from "./load-settings.ts";
import type { Settings } from "../config-schema.ts";
import { printMail } from "../mail/print-mail.ts";
import { firstAdminHint } from "./first-admin-hint.ts";
import { OstiaryError, StartError } from "../errors.ts";
import { warmUp } from "../http/warm-up.ts";
import { welcome } from "./welcome.ts";

const SETTINGS_HELP = `
Settings come from variables, a .env file and ostiary.config.ts. The most asked for:
  OSTIARY_PORT      TCP port (4000)
  OSTIARY_ISSUER    the URL people know the server by (http://localhost:<port>/auth)
  OSTIARY_DATA_DIR  folder of the database and the secret (.ostiary)
  OSTIARY_SECRET    encrypts the signing keys; "ostiary secret" prints a good one`;

/** Once whoever waited for the start has had their answer. */
const WARM_UP_AFTER_MS = 500;

/** `npm start` passes on the Ctrl-C that the terminal has sent us already: what follows so soon is the same one. */
const SAME_SIGNAL_MS = 1000;

export function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("Serve until Ctrl-C or SIGTERM. Requests under way are answered first.")
    .addHelpText("after", SETTINGS_HELP)
    .action(start);
}

/** Serves until it is told to stop. */
export async function start(): Promise<void> {
  // Loaded here, so that the other commands need not wait for it.
  const [{ startOstiary }, { listen }] = await Promise.all([import("../server.ts"), import("../http/listen.ts")]);
  const loaded = await loadSettings();
  // Where lines are read by programs, there is a line for it.
  const isJson = loaded.log === "json";
  const say = isJson ? (msg: string) => sayAsLine("info", msg) : console.log;
  const settings = loaded.production || isJson || loaded.mail !== undefined ? loaded : { ...loaded, mail: printedMail(loaded, say) };
  const warn = isJson ? (msg: string) => sayAsLine("warn", msg) : (msg: string) => console.error(`Warning: ${msg}`);
  for (const warning of startWarnings(settings)) warn(warning);
  const ostiary = await startOstiary(settings);
  const server = await listen(ostiary.fetch, settings).catch(async (error: unknown) => {
    await ostiary.close();
    throw error;
  });
  const client = settings.production ? null : await orNull(ostiary.developmentClient());
  // From before it says that it is ready: whoever reads that may stop it.
  const stop = stopSignal();
  const adminToken = await orNull(ostiary.firstAdminToken());
  const hint = adminToken === null ? null : firstAdminHint(settings, adminToken, process.stdout.isTTY);
  if (isJson) {
    say(`Ready at ${settings.issuer}.`);
    if (hint !== null) say(hint);
  } else {
    say(welcome(settings, client, hint));
  }

  const stopping = new AbortController();
  setTimeout(() => void warmUp(stopping.signal), WARM_UP_AFTER_MS).unref();

  await stop;
  stopping.abort();
  say("Stopping: answering what is under way.");
  ostiary.feed.end();
  await server.stop();
  await ostiary.close();
  flushCompileCache();
  // Not by running out of work: while Node tears down it no longer catches signals, and the Ctrl-C that npm passes on
  // would turn a clean end into a death by signal.
  process.exit(0);
}

/** Without a mail server people are to be able to try everything all the same. In a log a link would be for whoever reads it. */
function printedMail({ issuer }: Settings, say: (msg: string) => void): Settings["mail"] {
  return { from: { name: "", address: `no-reply@${new URL(issuer).hostname}` }, transport: printMail(say), language: "en" };
}

function sayAsLine(level: "info" | "warn", msg: string): void {
  console.log(JSON.stringify({ level, time: new Date().toISOString(), msg }));
}

/** Only for what is printed: where it cannot be kept or made, the server serves all the same. */
async function orNull<Printed>(printed: Promise<Printed | null>): Promise<Printed | null> {
  try {
    return await printed;
  } catch (error) {
    if (error instanceof StartError || error instanceof OstiaryError) return null;
    throw error;
  }
}

/** Resolves at the first Ctrl-C or SIGTERM. A second one ends the process as usual, for those in a hurry. */
async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      resolve();
      setTimeout(() => process.off("SIGINT", stop).off("SIGTERM", stop), SAME_SIGNAL_MS).unref();
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
  });
}
