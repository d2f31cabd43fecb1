import type { Command } from "commander";
import type { Clients, ClientWithSecret, PublicClient } from "../clients/clients.ts";
import { OstiaryError } from "../errors.ts";
import { printable } from "./printable.ts";
import { withStore } from "./with-store.ts";

const PAGE = 1000;

const CREATE_HELP = `
The secret is printed once: the database keeps a hash of it.
Example:
  ostiary clients create orders-api --guard`;

export function addClientsCommand(program: Command): void {
  const clients = program
    .command("clients")
    .description("Create, list and delete the credentials of programs; works beside a running server.");

  const create = clients
    .command("create")
    .argument("<name>", "what people call it")
    .description("Make a client and print its secret.")
    .option("--guard", "it may follow the revocation feed and introspect tokens")
    .option("--json", "print JSON")
    .addHelpText("after", CREATE_HELP)
    .action(async (name: string, { guard = false, json }: CreateOptions) => {
      if (!guard) create.error("Say what it may do: --guard.", { exitCode: 2 });
      await withStore(async ({ clients: all }) => printSecret(await all.create({ name, guard }), json));
    });

  clients
    .command("list")
    .description("List all clients, oldest first.")
    .option("--json", "print JSON, one client a line")
    .action(({ json }: Printing) => withStore(({ clients: all }) => listClients(all, json)));

  clients
    .command("rotate-secret")
    .argument("<id>")
    .description("Give a client another secret and print it. The old one is refused at once.")
    .option("--json", "print JSON")
    .action((id: string, { json }: Printing) =>
      withStore(async ({ clients: all }) => printSecret(there(await all.rotateSecret(id), id), json)),
    );

  clients
    .command("delete")
    .argument("<id>")
    .description("Delete a client. It is refused at once, and its feeds end within a second.")
    .option("--json", "print JSON")
    .action((id: string, { json }: Printing) =>
      withStore(async ({ clients: all }) => printClient(there(await all.delete(id), id), json)),
    );
}

interface Printing {
  json?: boolean;
}

interface CreateOptions extends Printing {
  guard?: boolean;
}

async function listClients(clients: Clients, json = false): Promise<void> {
  let count = 0;
  for (let after: string | undefined; ; ) {
    const page = await clients.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const client of page) printClient(client, json);
    count += page.length;
    if (page.length < PAGE) break;
    after = page.at(-1)?.clientId;
  }
  if (count === 0 && !json) console.log("There are no clients yet.");
}

function printSecret({ clientId, clientSecret, name, guard }: ClientWithSecret, json = false): void {
  if (json) console.log(JSON.stringify({ clientId, clientSecret, name, guard }));
  else console.log(`clientId      ${clientId}\nclientSecret  ${clientSecret}\nThe secret is not shown again.`);
}

function printClient({ clientId, name, guard, createdAt }: PublicClient, json = false): void {
  const created = new Date(createdAt).toISOString();
  if (json) console.log(JSON.stringify({ clientId, name, guard, createdAt: created }));
  else console.log(`${clientId}  ${printable(name)}${guard ? "  guard" : ""}  since ${created.slice(0, 10)}`);
}

function there<Found>(found: Found | null, id: string): Found {
  if (found === null) throw new OstiaryError("not_found", `There is no client ${id}.`);
  return found;
}
