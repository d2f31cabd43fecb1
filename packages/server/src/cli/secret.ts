import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { newSecret } from "../data-dir.ts";
import { systemRandom } from "../random.ts";
import { withStore } from "./with-store.ts";
import type { Stored } from "./with-store.ts";

interface Printing {
  json?: boolean;
}

export function addSecretCommand(program: Command): void {
  const secret = program
    .command("secret")
    .description("Print a new secret for OSTIARY_SECRET. Nothing is stored.")
    .option("--bytes <number>", "how many random bytes, 32 to 128: for secrets of HS384 and HS512", numberOfBytes)
    .option("--json", "print JSON")
    .action(({ bytes, json }: Printing & { bytes?: number }) => {
      const made = newSecret(systemRandom, bytes);
      console.log(json ? JSON.stringify({ secret: made }) : made);
    });

  secret
    .command("rotate")
    .description(
      "Encrypt everything anew, beside running servers: under a new secret if it is in the data folder, else under " +
        "OSTIARY_SECRET, with the one before in OSTIARY_PREVIOUS_SECRET.",
    )
    .option("--json", "print JSON")
    .action((_, command: Command) => withStore((stored) => rotate(stored, command.optsWithGlobals<Printing>().json)));
}

async function rotate(stored: Stored, json = false): Promise<void> {
  const { rotateSecret } = await import("./rotate-secret.ts");
  const { keys } = await rotateSecret(stored);
  if (json) console.log(JSON.stringify({ keys }));
  else {
    console.log(keys === 0 ? "Everything is encrypted under the present secret already." : `${keys} keys are encrypted under the new secret.`);
    if (stored.settings.previousSecret !== undefined) console.log("OSTIARY_PREVIOUS_SECRET is not needed any more: remove it.");
  }
}

function numberOfBytes(text: string): number {
  const bytes = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (bytes < 32 || bytes > 128) throw new InvalidArgumentError("It must be a whole number from 32 to 128.");
  return bytes;
}
