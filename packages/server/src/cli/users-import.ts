import { createWriteStream, statSync } from "node:fs";
import { once } from "node:events";
import type { Command } from "commander";
import { OstiaryError } from "../errors.ts";
import type { ImportedUser, ImportOutcome } from "../users/import-users.ts";
import type { Users } from "../users/users.ts";
import { printable } from "./printable.ts";
import { createRehearsal } from "./rehearse-import.ts";
import { withStore } from "./with-store.ts";

/** Users in one transaction. */
const BATCH = 500;
/** Refused rows that are shown; all of them are in the report. */
const SHOWN = 10;

const IMPORT_HELP = `
Columns, or members of each line's JSON object: email, passwordHash, and if you have them id, name, roles, emailVerified,
disabled, createdAt. Hashes: Argon2 in PHC form, bcrypt, scrypt and PBKDF2 as passlib, Django and Werkzeug write them.
Whoever is there already is left as they are: after a break, run it again.

Examples:
  ostiary users import users.csv --dry-run
  ostiary users import users.jsonl --report refused.jsonl`;

interface ImportOptions {
  dryRun?: boolean;
  report?: string;
  json?: boolean;
}

export function addUsersImport(users: Command): void {
  users
    .command("import")
    .argument("<file>", "a .csv file with a head line, or one JSON object a line")
    .description("Create users with password hashes that another system made.")
    .option("--dry-run", "only say what would happen")
    .option("--report <file>", "write every refused row there, as JSON, one a line")
    .option("--json", "print JSON")
    .addHelpText("after", IMPORT_HELP)
    .action((file: string, options: ImportOptions) => withStore(({ users: all }) => importFile(all, file, options)));
}

interface Tally {
  created: number;
  existing: number;
  refused: { line: number; email: string | null; why: string }[];
}

async function importFile(users: Users, path: string, { dryRun = false, report, json = false }: ImportOptions): Promise<void> {
  const { readUserRows } = await import("./read-user-rows.ts");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const progress = json ? null : await startProgress(size);
  const rehearsed = dryRun ? createRehearsal() : null;
  const tally: Tally = { created: 0, existing: 0, refused: [] };
  let batch: { line: number; user: ImportedUser }[] = [];
  const flush = async (): Promise<void> => {
    const outcomes = await users.import(batch.map(({ user }) => user), { dryRun });
    outcomes.forEach((outcome, i) => {
      const row = batch[i] as { line: number; user: ImportedUser };
      count(tally, row, rehearsed?.(row.user, outcome) ?? outcome);
    });
    batch = [];
  };
  try {
    for await (const { line, bytes, user } of readUserRows(path)) {
      if ("unreadable" in user) tally.refused.push({ line, email: null, why: user.unreadable });
      else batch.push({ line, user });
      if (batch.length === BATCH) await flush();
      progress?.at(bytes);
    }
    await flush();
  } finally {
    progress?.stop();
  }
  if (report !== undefined) await writeReport(report, tally);
  print(tally, dryRun, json);
  if (tally.refused.length > 0) throw new OstiaryError("invalid_request", `${tally.refused.length} rows were refused.`);
}

function count(tally: Tally, { line, user }: { line: number; user: ImportedUser }, outcome: ImportOutcome): void {
  if (outcome.outcome === "created") tally.created++;
  else if (outcome.outcome === "exists") tally.existing++;
  else tally.refused.push({ line, email: user.email, why: outcome.why });
}

function print({ created, existing, refused }: Tally, dryRun: boolean, json: boolean): void {
  if (json) return console.log(JSON.stringify({ dryRun, created, existing, refused }));
  console.log(`${created} ${dryRun ? "would be created" : "created"}, ${existing} there already, ${refused.length} refused.`);
  for (const { line, email, why } of refused.slice(0, SHOWN)) {
    console.log(`  line ${line}${email === null ? "" : ` (${printable(email)})`}: ${why}`);
  }
  if (refused.length > SHOWN) console.log(`  and ${refused.length - SHOWN} more; --report <file> writes them all.`);
}

async function writeReport(path: string, { refused }: Tally): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600 });
  for (const row of refused) file.write(`${JSON.stringify(row)}\n`);
  file.end();
  await once(file, "finish");
}

/** On standard error, and only where somebody looks. */
async function startProgress(size: number): Promise<{ at(bytes: number): void; stop(): void } | null> {
  if (!process.stderr.isTTY || size === 0) return null;
  const { progress } = await import("@clack/prompts");
  const bar = progress({ max: size, output: process.stderr });
  bar.start("Importing");
  let shown = 0;
  return {
    at(bytes) {
      if (bytes - shown < size / 100) return;
      bar.advance(bytes - shown, `${Math.floor((100 * bytes) / size)} %`);
      shown = bytes;
    },
    stop: () => bar.stop("Read"),
  };
}
