import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { ClientCredentials } from "../clients/client.ts";
import type { Settings } from "../config-schema.ts";
import { error } from "../doctor/finding.ts";
import type { Finding } from "../doctor/finding.ts";
import { OstiaryError, StartError } from "../errors.ts";
import { loadSettings } from "./load-settings.ts";
import { printable } from "./printable.ts";

interface DoctorOptions {
  store?: boolean;
  url?: string;
  guard?: string;
  json?: boolean;
}

const SIGNS = { ok: "ok     ", warning: "warning", error: "ERROR  " } as const;

const HELP = `
Without options it looks at the configuration here, the databases, and the server that runs at OSTIARY_ISSUER.
From another machine, the revocation feed included:
  npx ostiary clients create doctor --guard --json > guard.json
  npx ostiary doctor --url https://id.example.com/auth --guard guard.json`;

export function addDoctorCommand(program: Command): void {
  const command = program
    .command("doctor")
    .description("Look for what is wrong with this deployment, and say how to mend it. Changes nothing.")
    .option("--url <issuer>", "the running server to look at; if it is not the one configured here, only that", checkedUrl)
    .option("--guard <file>", "credentials of a guard, as `clients create --guard --json` prints them: the feed is followed; - reads standard input")
    .option("--store", "only whether the store answers, is migrated, and keeps what it has acknowledged")
    .option("--json", "print JSON, one finding a line")
    .addHelpText("after", HELP)
    .action(async (options: DoctorOptions) => {
      if (options.store && (options.url ?? options.guard) !== undefined) command.error("--store goes alone.", { exitCode: 2 });
      await doctor(options);
    });
}

async function doctor({ store, url, guard, json }: DoctorOptions): Promise<void> {
  // Loaded when it is needed: the databases' clients take longer than all the rest.
  const { examine } = await import("../doctor/doctor.ts");
  const credentials = guard === undefined ? undefined : await readCredentials(guard);
  const { settings, problems } = await usableSettings();
  const found = await examine({ settings, url, guard: credentials, storeOnly: store ?? false });
  const findings = [...problems, ...found];
  for (const finding of findings) console.log(json ? JSON.stringify(finding) : describe(finding));
  const errors = findings.filter(({ level }) => level === "error").length;
  if (errors > 0) throw new OstiaryError("unavailable", `${errors} ${errors === 1 ? "error" : "errors"} found.`);
}

/** Settings that no server would start with are findings like others. */
async function usableSettings(): Promise<{ settings: Settings | null; problems: Finding[] }> {
  try {
    return { settings: await loadSettings(), problems: [] };
  } catch (failure) {
    if (!(failure instanceof StartError)) throw failure;
    const lines = failure.problems.length > 0 ? failure.problems : [failure.message];
    return { settings: null, problems: lines.map(problem) };
  }
}

function problem(sentence: string): Finding {
  const [, message = sentence, mend = "correct it: docs/configuration.md has every setting"] =
    /^(.*): ((?:set|use|remove|give|check|choose)\b.*?)\.?$/s.exec(sentence) ?? [];
  return error("configuration.valid", message.endsWith(".") ? message : `${message}.`, mend);
}

async function readCredentials(file: string): Promise<ClientCredentials> {
  const { parseCredentials } = await import("../clients/development-client.ts");
  const credentials = parseCredentials(readText(file));
  if (credentials === null) throw new StartError(`${file} does not hold {"clientId":…,"clientSecret":…}: \`npx ostiary clients create <name> --guard --json\` prints it.`);
  return credentials;
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new StartError(`${file} cannot be read (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}

function checkedUrl(url: string): string {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) throw new InvalidArgumentError("It must be an http or https URL, such as https://id.example.com/auth.");
  return url.replace(/\/+$/, "");
}

function describe({ level, id, message, mend }: Finding): string {
  const line = printable(`${SIGNS[level]}  ${id}: ${message}`);
  return mend === null ? line : `${line}\n         To mend it: ${printable(mend)}.`;
}
