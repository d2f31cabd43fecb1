import type { Command } from "commander";
import { OstiaryError } from "../errors.ts";
import type { PublicUser, Users } from "../users/users.ts";
import { everyUser, findUser } from "./find-user.ts";
import { readNewPassword } from "./read-password.ts";
import { withStore } from "./with-store.ts";

export function addUsersCommand(program: Command): void {
  const users = program.command("users").description("Create, list and change users; works beside a running server.");

  users
    .command("create <email>")
    .description("Create a user. The password is asked for, or read from standard input.")
    .option("--name <name>", "what to call them")
    .option("--role <role...>", 'their roles; default "user"')
    .option("--admin", 'give them the role "admin" as well')
    .option("--password-stdin", "read the password from standard input")
    .option("--json", "print JSON")
    .action(createUser);

  users
    .command("list")
    .description("List all users, oldest first.")
    .option("--json", "print JSON, one user a line")
    .action(({ json }: Printing) => withStore(({ users: all }) => listUsers(all, json)));

  users
    .command("set-role <user> <roles...>")
    .description("Replace a user's roles. Tokens with the old ones are refused at once; sessions go on.")
    .option("--json", "print JSON")
    .action((who: string, roles: string[], { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.setRoles((await findUser(all, who)).id, roles), json)),
    );

  users
    .command("disable <user>")
    .description("Sign a user out everywhere and keep them out.")
    .option("--json", "print JSON")
    .action((who: string, { json }: Printing) =>
      withStore(async ({ users: all }) => printUser(await all.disable((await findUser(all, who)).id), json)),
    );
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

function printUser(user: PublicUser | null, json = false): void {
  if (user === null) throw new OstiaryError("not_found", "The user has just been deleted.");
  const createdAt = new Date(user.createdAt).toISOString();
  if (json) {
    const { id, email, emailVerified, name, roles } = user;
    console.log(JSON.stringify({ id, email, emailVerified, name, roles, disabled: user.disabledAt !== null, createdAt }));
  } else {
    const disabled = user.disabledAt === null ? "" : "  disabled";
    console.log(`${user.id}  ${user.email}  [${user.roles.join(", ")}]  since ${createdAt.slice(0, 10)}${disabled}`);
  }
}
