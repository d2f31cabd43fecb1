import type { Command } from "commander";
import { OstiaryError } from "../errors.ts";
import { issuerOf } from "../federation/provider.ts";
import type { PublicIdentity } from "../users/users.ts";
import { findUser } from "./find-user.ts";
import { printUser } from "./print-user.ts";
import { printable } from "./printable.ts";
import { withStore } from "./with-store.ts";
import type { Stored } from "./with-store.ts";

const DISCONNECT_HELP = `
Examples:
  ostiary users disconnect ada@example.com google
  ostiary users disconnect ada@example.com https://id.example.com --subject 4711`;

/** What lets a user in beside a password. */
export function addUsersIdentities(users: Command): void {
  users
    .command("show")
    .argument("<user>", "e-mail or id")
    .description("Show a user, and the accounts elsewhere that let them in.")
    .option("--json", "print JSON")
    .action(show);

  users
    .command("disconnect")
    .argument("<user>", "e-mail or id")
    .argument("<provider>", "its id in the configuration, or its issuer")
    .description("Take away an account elsewhere that lets a user in, and sign them out everywhere.")
    .option("--subject <subject>", "which one, if there are several of the provider")
    .addHelpText("after", DISCONNECT_HELP)
    .action(disconnect);
}

async function show(who: string, { json = false }: { json?: boolean }): Promise<void> {
  await withStore(async ({ users }) => {
    const user = await findUser(users, who);
    const identities = await users.identities(user.id);
    if (json) {
      const { disabledAt, createdAt, ...rest } = user;
      const told = { ...rest, disabled: disabledAt !== null, createdAt: iso(createdAt) };
      console.log(JSON.stringify({ ...told, identities: identities.map((one) => ({ ...one, linkedAt: iso(one.linkedAt) })) }));
      return;
    }
    printUser(user);
    for (const identity of identities) console.log(`  ${lineOf(identity)}`);
    if (identities.length === 0) console.log("  No account elsewhere lets them in.");
  });
}

async function disconnect(who: string, provider: string, { subject }: { subject?: string }): Promise<void> {
  await withStore(async ({ users, settings }) => {
    const user = await findUser(users, who);
    const issuer = issuerNamed(settings, provider);
    const all = await users.identities(user.id);
    const [one, ...others] = all.filter((identity) => identity.issuer === issuer && (subject ?? identity.subject) === identity.subject);
    if (one === undefined) throw new OstiaryError("not_found", `No account of ${provider} lets ${user.email} in.`);
    if (others.length > 0) throw new OstiaryError("invalid_request", `Several of ${provider} let ${user.email} in: name one with --subject.`);
    await users.disconnect(user.id, one);
    console.log(`${printable(user.email)} is not let in any more by ${lineOf(one)}`);
  });
}

function issuerNamed({ signInWith }: Stored["settings"], provider: string): string {
  const configured = signInWith.find(({ id }) => id === provider);
  return configured === undefined ? provider : issuerOf(configured);
}

function lineOf({ issuer, subject, label, linkedAt }: PublicIdentity): string {
  return printable(`${issuer}  ${subject}${label === null ? "" : `  (${label})`}  since ${iso(linkedAt).slice(0, 10)}`);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
