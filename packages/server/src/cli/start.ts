import type { Command } from "commander";
import { listen } from "../http/listen.ts";
import { startOstiary } from "../server.ts";
import { loadSettings } from "./load-settings.ts";
import { welcome } from "./welcome.ts";

export function addStartCommand(program: Command): void {
  program.command("start").description("Serve until Ctrl-C or SIGTERM.").action(start);
}

async function start(): Promise<void> {
  const settings = await loadSettings();
  const ostiary = await startOstiary(settings);
  const server = await listen(ostiary.fetch, settings).catch(async (error: unknown) => {
    await ostiary.close();
    throw error;
  });
  console.log(welcome(settings));

  await stopSignal();
  console.log("Stopping: answering what is under way.");
  await server.stop();
  await ostiary.close();
}

/** Resolves at the first Ctrl-C or SIGTERM. A second one ends the process as usual, for those in a hurry. */
async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
  });
}
