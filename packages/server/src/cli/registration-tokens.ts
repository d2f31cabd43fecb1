import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { OstiaryError } from "../errors.ts";
import { printable } from "./printable.ts";
import { withStore } from "./with-store.ts";

interface Printing {
  readonly json?: boolean;
}

interface CreateOptions extends Printing {
  readonly uses?: number;
  readonly expiresInDays?: number;
}

export function addRegistrationTokensCommand(program: Command): void {
  const tokens = program
    .command("registration-tokens")
    .description("Let others register clients: initial access tokens, for OSTIARY_DYNAMIC_REGISTRATION=token.");

  tokens
    .command("create")
    .argument("<name>", "what people call it")
    .description("Make a token and print it, once.")
    .option("--uses <count>", "how many clients may be registered with it (default: 1)", whole)
    .option("--expires-in-days <days>", "how long it is good (default: 7)", whole)
    .option("--json", "print JSON")
    .action((name: string, { uses, expiresInDays, json }: CreateOptions) =>
      withStore(async ({ registrationTokens }) => {
        const { token, ...known } = await registrationTokens.create({ name, uses, expiresInDays });
        if (json) console.log(JSON.stringify({ ...shown(known), token }));
        else console.log(`token  ${token}\nIt is not shown again. Good for ${known.usesLeft}, until ${new Date(known.expiresAt).toISOString()}.`);
      }),
    );

  tokens
    .command("list")
    .description("List the tokens that are good still, oldest first.")
    .option("--json", "print JSON, one token a line")
    .action(({ json }: Printing) =>
      withStore(async ({ registrationTokens }) => {
        const all = await registrationTokens.list();
        for (const token of all) {
          if (json) console.log(JSON.stringify(shown(token)));
          else console.log(`${token.id}  ${printable(token.name)}  ${token.usesLeft} left, until ${new Date(token.expiresAt).toISOString()}`);
        }
        if (all.length === 0 && !json) console.log("There are no registration tokens.");
      }),
    );

  tokens
    .command("delete")
    .argument("<id>", "as list shows it")
    .description("Delete a token. Clients that were registered with it stay.")
    .action((id: string) =>
      withStore(async ({ registrationTokens }) => {
        if (!(await registrationTokens.delete(id))) throw new OstiaryError("not_found", `There is no registration token ${id}.`);
      }),
    );
}

function shown<Known extends { createdAt: number; expiresAt: number }>(known: Known) {
  return { ...known, createdAt: new Date(known.createdAt).toISOString(), expiresAt: new Date(known.expiresAt).toISOString() };
}

function whole(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
