import { Option } from "commander";
import type { Command } from "commander";
import type { Clients } from "../clients/clients.ts";
import { AUTHENTICATION_METHODS } from "../clients/registration.ts";
import { OstiaryError } from "../errors.ts";
import { changesOf, newClientOf, problemWith } from "./client-options.ts";
import type { CreateOptions, UpdateOptions } from "./client-options.ts";
import { printClient, printDetails, printSecret } from "./print-client.ts";
import { withStore } from "./with-store.ts";

const PAGE = 1000;

const CREATE_HELP = `
The secret is printed once: the database keeps a hash of it.
Examples:
  ostiary clients create orders-api --guard
  ostiary clients create shop --redirect-uri https://shop.example/callback --first-party
  ostiary clients create phone-app --public --redirect-uri com.example.app:/callback
  ostiary clients create tv --public --device --scope openid offline_access
  ostiary clients create nightly --service --role batch --scope orders:read`;

export function addClientsCommand(program: Command): void {
  const clients = program
    .command("clients")
    .description("Create, list and delete the credentials of programs; works beside a running server.");

  const create = clients
    .command("create")
    .argument("<name>", "what people call it")
    .description("Make a client and print its secret.")
    .option("--guard", "it may follow the revocation feed and introspect tokens")
    .option("--redirect-uri <uri...>", "it signs users in, who come back to one of these")
    .option("--device", "it signs users in who let it in with another device, by a code that it shows")
    .option("--service", "a service account: it gets tokens in its own name, and may have API keys")
    .option("--client-credentials", "the same, by its name in OAuth")
    .option("--public", "it can keep no secret: an app in browsers or on devices")
    .option("--first-party", "it is yours: users are not asked for consent, and its tokens carry their roles")
    .option("--par", "it must push its requests (RFC 9126)")
    .option("--scope <scope...>", "what it may ask for (default: openid profile email offline_access)")
    .option("--role <role...>", "what tokens of a service account say that it is")
    .option("--post-logout-redirect-uri <uri...>", "where users may go after it has signed them out")
    .option("--backchannel-logout-uri <uri>", "where it is told that a session has ended")
    .addOption(new Option("--auth-method <method>", "how it proves who it is (default: client_secret_basic)").choices(AUTHENTICATION_METHODS))
    .option("--jwks <file>", "its public keys, a JWKS document, for private_key_jwt")
    .option("--dpop", "it gets no token without a proof of possession (RFC 9449)")
    .option("--json", "print JSON")
    .addHelpText("after", CREATE_HELP)
    .action(async (name: string, options: CreateOptions) => {
      const problem = problemWith(options);
      if (problem !== null) create.error(problem, { exitCode: 2 });
      const client = newClientOf(name, options);
      await withStore(async ({ clients: all, settings }) => printSecret(await all.create(client), settings, options.json));
    });

  clients
    .command("list")
    .description("List all clients, oldest first.")
    .option("--json", "print JSON, one client a line")
    .action(({ json }: Printing) => withStore(({ clients: all }) => listClients(all, json)));

  clients
    .command("show")
    .argument("<id>", "its clientId")
    .description("Show what a client is registered with.")
    .option("--json", "print JSON")
    .action((id: string, { json }: Printing) =>
      withStore(async ({ clients: all }) => printDetails(there(await all.find(id), id), json)),
    );

  const update = clients
    .command("update")
    .argument("<id>", "its clientId")
    .description("Change what a client is registered with. What is not named stays; what is named is replaced as a whole.")
    .option("--name <name>", "what people call it")
    .option("--redirect-uri <uri...>", "all that users may come back to")
    .option("--post-logout-redirect-uri <uri...>", "all that users may go to after it has signed them out")
    .option("--backchannel-logout-uri <uri>", 'where it is told that a session has ended; "" for nowhere')
    .option("--scope <scope...>", "all that it may ask for")
    .option("--role <role...>", 'all that a service account is; "" for nothing')
    .option("--jwks <file>", "its public keys, a JWKS document")
    .option("--first-party", "it is yours")
    .option("--no-first-party", "it is somebody else's")
    .option("--dpop", "it gets no token without a proof of possession")
    .option("--no-dpop", "it may get bearer tokens")
    .option("--par", "it must push its requests")
    .option("--no-par", "it need not")
    .option("--json", "print JSON")
    .action(async (id: string, options: UpdateOptions) => {
      const changes = changesOf(options);
      if (changes === null) update.error("Say what is to change: see --help.", { exitCode: 2 });
      else await withStore(async ({ clients: all }) => printDetails(there(await all.update(id, changes), id), options.json));
    });

  clients
    .command("rotate-secret")
    .argument("<id>", "its clientId")
    .description("Give a client another secret and print it. The old one is refused at once.")
    .option("--json", "print JSON")
    .action((id: string, { json }: Printing) =>
      withStore(async ({ clients: all, settings }) => printSecret(there(await all.rotateSecret(id), id), settings, json)),
    );

  clients
    .command("delete")
    .argument("<id>", "its clientId")
    .description("Delete a client. It is refused at once, all it was granted ends, and its feeds end within a second.")
    .option("--json", "print JSON")
    .action((id: string, { json }: Printing) =>
      withStore(async ({ clients: all }) => printClient(there(await all.delete(id), id), json)),
    );
}

interface Printing {
  json?: boolean;
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

function there<Found>(found: Found | null, id: string): Found {
  if (found === null) throw new OstiaryError("not_found", `There is no client ${id}.`);
  return found;
}
