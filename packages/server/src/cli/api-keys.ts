import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { ApiKeyOwner } from "../api-keys/api-key.ts";
import type { ApiKeys } from "../api-keys/api-keys.ts";
import { OstiaryError } from "../errors.ts";
import type { Users } from "../users/users.ts";
import { findUser } from "./find-user.ts";
import { printApiKey, printApiKeyDetails, printNewApiKey } from "./print-api-key.ts";
import { withStore } from "./with-store.ts";

const PAGE = 1000;

const CREATE_HELP = `
The key is printed once: the database keeps a hash of it.
Examples:
  ostiary api-keys create "Ada's laptop" --user ada@example.com --scope orders:read --expires-in-days 90
  ostiary api-keys create nightly --client 0199c0de-0000-7000-8000-000000000000`;

interface Whose {
  readonly user?: string;
  readonly client?: string;
  readonly json?: boolean;
}

interface CreateOptions extends Whose {
  readonly scope?: string[];
  readonly roles?: boolean;
  readonly withRoles?: boolean;
  readonly expiresInDays?: number;
}

export function addApiKeysCommand(program: Command): void {
  const apiKeys = program
    .command("api-keys")
    .description("Make, list, rotate and revoke API keys of users and service accounts; works beside a running server.");

  const create = apiKeys
    .command("create")
    .argument("<name>", "what people call it")
    .description("Make an API key and print it.")
    .option("--user <email-or-id>", "it stands for this user")
    .option("--client <id>", "it stands for this service account")
    .option("--scope <scope...>", "what it may do (default: nothing for a user's, all that a service account may)")
    .option("--with-roles", "the user's roles are the key's too")
    .option("--no-roles", "the service account's roles are not the key's")
    .option("--expires-in-days <days>", "for how long it is good (default: until it is revoked)", wholeNumber)
    .option("--json", "print JSON")
    .addHelpText("after", CREATE_HELP)
    .action(async (name: string, options: CreateOptions) => {
      const { scope, withRoles, roles, expiresInDays, json } = options;
      if ((options.user === undefined) === (options.client === undefined)) {
        create.error("Say whom it stands for: --user <email-or-id> or --client <id>.", { exitCode: 2 });
      }
      await withStore(async ({ apiKeys: all, users }) => {
        const owner = await ownerOf(users, options);
        if (owner === undefined) return;
        // Also as one word, as OAuth writes them.
        const scopes = scope?.flatMap((words) => words.split(" ")).filter((word) => word !== "");
        printNewApiKey(await all.create({ owner, name, scopes, withRoles: roles === false ? false : withRoles, expiresInDays }), json);
      });
    });

  const list = apiKeys
    .command("list")
    .description("List API keys, oldest first; also those that are over, until a month after.")
    .option("--user <email-or-id>", "of this user")
    .option("--client <id>", "of this service account")
    .option("--json", "print JSON, one key a line")
    .action(async (options: Whose) => {
      if (options.user !== undefined && options.client !== undefined) list.error("A key has one owner: --user or --client.", { exitCode: 2 });
      await withStore(async ({ apiKeys: all, users }) => listApiKeys(all, await ownerOf(users, options), options.json));
    });

  apiKeys
    .command("show")
    .argument("<id>", "the 20 characters after ostk_")
    .description("Show an API key, without its secret.")
    .option("--json", "print JSON")
    .action((id: string, { json }: Whose) => withStore(async ({ apiKeys: all }) => printApiKeyDetails(there(await all.find(id), id), json)));

  apiKeys
    .command("rotate")
    .argument("<id>", "the 20 characters after ostk_")
    .description("Give an API key another secret and print it. The old one is refused at once, unless there is to be an overlap.")
    .option("--overlap <seconds>", "how long the old secret stays good", wholeNumber)
    .option("--json", "print JSON")
    .action((id: string, { overlap, json }: { overlap?: number; json?: boolean }) =>
      withStore(async ({ apiKeys: all }) => printNewApiKey(there(await all.rotate(id, { overlapSeconds: overlap }), id), json)),
    );

  apiKeys
    .command("revoke")
    .argument("<id>", "the 20 characters after ostk_")
    .description("Revoke an API key: every guard refuses it at once.")
    .option("--json", "print JSON")
    .action((id: string, { json }: Whose) => withStore(async ({ apiKeys: all }) => printApiKey(there(await all.revoke(id), id), json)));
}

async function ownerOf(users: Users, { user, client }: Whose): Promise<ApiKeyOwner | undefined> {
  if (user !== undefined) return { userId: (await findUser(users, user)).id };
  return client === undefined ? undefined : { clientId: client };
}

async function listApiKeys(apiKeys: ApiKeys, owner: ApiKeyOwner | undefined, json = false): Promise<void> {
  let count = 0;
  for (let after: string | undefined; ; ) {
    const page = await apiKeys.list({ owner, after, limit: PAGE });
    for (const key of page) printApiKey(key, json);
    count += page.length;
    if (page.length < PAGE) break;
    after = page.at(-1)?.id;
  }
  if (count === 0 && !json) console.log("There are no API keys yet.");
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

function there<Found>(found: Found | null, id: string): Found {
  if (found === null) throw new OstiaryError("not_found", `There is no API key ${id}.`);
  return found;
}
