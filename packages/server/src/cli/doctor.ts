import type { Command } from "commander";
import type { Group } from "../doctor/doctor.ts";
import type { Finding } from "../doctor/finding.ts";
import { OstiaryError } from "../errors.ts";
import { loadSettings } from "./load-settings.ts";
import { printable } from "./printable.ts";

interface DoctorOptions {
  store?: boolean;
  json?: boolean;
}

const SIGNS = { ok: "ok     ", warning: "warning", error: "ERROR  " } as const;

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("Look for what is wrong with this deployment, and say how to mend it. Changes nothing.")
    .option("--store", "only whether the store answers, is migrated, and keeps what it has acknowledged")
    .option("--json", "print JSON, one finding a line")
    .action(doctor);
}

async function doctor({ store, json }: DoctorOptions): Promise<void> {
  const groups: Group[] = store ? ["store"] : [];
  // Loaded when it is needed: the databases' clients take longer than all the rest.
  const { examine } = await import("../doctor/doctor.ts");
  const findings = await examine(await loadSettings(), groups);
  for (const finding of findings) console.log(json ? JSON.stringify(finding) : describe(finding));
  const errors = findings.filter(({ level }) => level === "error").length;
  if (errors > 0) throw new OstiaryError("unavailable", `${errors} ${errors === 1 ? "error" : "errors"} found.`);
}

function describe({ level, id, message, mend }: Finding): string {
  const line = printable(`${SIGNS[level]}  ${id}: ${message}`);
  return mend === null ? line : `${line}\n         To mend it: ${printable(mend)}.`;
}
