import type { Command } from "commander";
import { OstiaryError } from "../errors.ts";
import type { Users } from "../users/users.ts";
import { everyUser, findUser } from "./find-user.ts";
import { printUser } from "./print-user.ts";
import { readNewPassword } from "./read-password.ts";
import { addUsersExport } from "./users-export.ts";
import { addUsersIdentities } from "./users-identities.ts";
import { addUsersImport } from "./users-import.ts";
import { withStore } from "./with-store.ts";

const CREATE_HELP = `
Example:
  echo 'correct horse battery staple' | ostiary users create ada@example.com --admin --password-stdin`;

export function addUsersCommand(program: Command): void {
  const users = program.command("users").description("Create, list and change users; works beside a running server.");

  users
    .command("create")
    .argument("<email>", "what they sign in with")
    .description("Create a user. The password is asked for, or read from standard input.")
    .option("--name <name>", "what to call them")
    .option("--role <role...>", 'their roles (default: "user")')
    .option("--admin", 'give them the role "admin" as well')
    .option("--password-stdin", "read the password from standard input, up to its first line break")
    .option("--json", "print JSON")
    .addHelpText("after", CREATE_HELP)
    .action(createUser);

  users
    .command("list")
    .description("List all users, oldest first.")
    .option("--json", "print JSON, one user a line")
    .action(({ json }: Printing) => withStore(({ users: all }) => listUsers(all, json)));

  users
    .command("set-role")
    .argument("<user>", "e-mail or id")
    .argument("<roles...>", "all roles they are to have")
    .description("Replace a user's roles. Tokens with the old ones are refused at once; sessions go on.")
    .option("--json", "print JSON")
    .action((who: string, roles: string[], { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.setRoles((await findUser(all, who)).id, roles), json)),
    );

  users
    .command("disable")
    .argument("<user>", "e-mail or id")
    .description("Sign a user out everywhere and keep them out.")
    .option("--json", "print JSON")
    .action((who: string, { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.disable((await findUser(all, who)).id), json)),
    );

  users
    .command("enable")
    .argument("<user>", "e-mail or id")
    .description("Let a disabled user sign in again.")
    .option("--json", "print JSON")
    .action((who: string, { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.enable((await findUser(all, who)).id), json)),
    );

  users
    .command("unlock")
    .argument("<user>", "e-mail or id")
    .description("Forget the wrong passwords and codes that were tried for a user: the right ones are taken again at once.")
    .option("--json", "print JSON")
    .action((who: string, { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.unlock((await findUser(all, who)).id), json), "limits"),
    );

  users
    .command("reset-factors")
    .argument("<user>", "e-mail or id")
    .description("Take away a user's second factors, who has lost them: the password lets them in alone again. Make sure who asks.")
    .option("--json", "print JSON")
    .action((who: string, { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.resetSecondFactors((await findUser(all, who)).id), json), "limits"),
    );

  users
    .command("delete")
    .argument("<user>", "e-mail or id")
    .description("Sign a user out everywhere and delete them. The audit keeps what happened.")
    .option("--json", "print JSON")
    .action((who: string, { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.delete((await findUser(all, who)).id), json)),
    );

  addUsersIdentities(users);
  addUsersImport(users);
  addUsersExport(users);
}

interface Printing {
  json?: boolean;
}

interface CreateOptions extends Printing {
  name?: string;
  role?: string[];
  admin?: boolean;
  passwordStdin?: boolean;
}

async function createUser(email: string, options: CreateOptions): Promise<void> {
  await withStore(async ({ users }) => {
    // Said before a password is asked for in vain.
    if ((await users.findByEmail(email)) !== null) {
      throw new OstiaryError("email_taken", `There is a user ${email} already.`);
    }
    const password = await readNewPassword({ fromStdin: options.passwordStdin === true });
    const roles = [...(options.role ?? ["user"]), ...(options.admin ? ["admin"] : [])];
    printUser(await users.create({ email, password, name: options.name, roles: [...new Set(roles)] }), options.json);
  });
}

async function listUsers(users: Users, json = false): Promise<void> {
  let count = 0;
  for await (const user of everyUser(users)) {
    printUser(user, json);
    count++;
  }
  if (count === 0 && !json) console.log("There are no users yet.");
}
