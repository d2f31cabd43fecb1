import { openSync, writeSync } from "node:fs";
import { Option } from "commander";
import type { Command } from "commander";
import { StartError } from "../errors.ts";
import type { User } from "../users/user.ts";
import type { Users } from "../users/users.ts";
import { withStore } from "./with-store.ts";

const PAGE = 1000;

interface ExportOptions {
  format: "csv" | "jsonl";
  output?: string;
  withHashes?: boolean;
}

export function addUsersExport(users: Command): void {
  users
    .command("export")
    .description("Print all users, oldest first, in the form that import reads.")
    .addOption(new Option("--format <format>", "csv or jsonl").choices(["csv", "jsonl"]).default("jsonl"))
    .option("--output <file>", "write a new file that only you can read")
    .option("--with-hashes", "with password hashes, so that people can sign in elsewhere")
    .action((options: ExportOptions) => withStore(({ users: all }) => exportUsers(all, options)));
}

async function exportUsers(users: Users, { format, output, withHashes = false }: ExportOptions): Promise<void> {
  const write = writerTo(output);
  if (format === "csv") write(`${columns(withHashes).join(",")}\n`);
  for (let after: string | undefined; ; ) {
    const page = await users.export({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const user of page) {
      const row = rowOf(user, withHashes);
      write(`${format === "csv" ? columns(withHashes).map((name) => csvCell(row[name])).join(",") : JSON.stringify(row)}\n`);
    }
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}

function writerTo(path: string | undefined): (text: string) => void {
  if (path === undefined) return (text) => void process.stdout.write(text);
  try {
    const file = openSync(path, "wx", 0o600);
    return (text) => void writeSync(file, text);
  } catch (cause) {
    throw new StartError(`${path} cannot be written (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}

const COLUMNS = ["id", "email", "emailVerified", "name", "roles", "disabled", "createdAt"];

const columns = (withHashes: boolean): string[] => (withHashes ? [...COLUMNS, "passwordHash"] : COLUMNS);

type Cell = string | boolean | null | readonly string[] | undefined;

function rowOf(user: User, withHashes: boolean): Record<string, Cell> {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerified,
    name: user.name,
    roles: user.roles,
    disabled: user.disabledAt !== null,
    createdAt: new Date(user.createdAt).toISOString(),
    ...(withHashes ? { passwordHash: user.passwordHash } : {}),
  };
}

/** A cell that begins like a formula is one to spreadsheets: it is made text for them (CWE-1236). */
function csvCell(value: Cell): string {
  const text = typeof value === "object" && value !== null ? value.join("|") : String(value ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
