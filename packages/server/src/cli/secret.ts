import type { Command } from "commander";
import { newSecret } from "../data-dir.ts";
import { systemRandom } from "../random.ts";

export function addSecretCommand(program: Command): void {
  program
    .command("secret")
    .description("Print a new secret for OSTIARY_SECRET. Nothing is stored.")
    .option("--json", "print JSON")
    .action(({ json }: { json?: boolean }) => {
      const secret = newSecret(systemRandom);
      console.log(json ? JSON.stringify({ secret }) : secret);
    });
}
