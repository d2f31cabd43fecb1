import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STOP_SECONDS } from "./stop-seconds.ts";
import { parseUnitFile } from "./unit-file.ts";

/**
 * What `systemd-analyze security` may say at the most, of 10: what is left is that a server is in the network, and runs as
 * itself.
 */
const EXPOSURE = 1.5;

/** What is wrong with our systemd unit by rules of our own, a sentence each. Pure. */
export function unitProblems(text: string): string[] {
  const unit = parseUnitFile(text);
  const is = (key: string, value: string): boolean => unit.get(key)?.includes(value) === true;
  const problems: string[] = [];
  for (const [key, value] of Object.entries({
    NoNewPrivileges: "yes",
    ProtectSystem: "strict",
    ProtectHome: "yes",
    PrivateTmp: "yes",
    PrivateDevices: "yes",
    CapabilityBoundingSet: "",
    UMask: "0077",
    StateDirectoryMode: "0700",
  })) {
    if (!is(key, value)) problems.push(`${key}=${value} is missing`);
  }
  // V8 compiles while it runs: the server would not start.
  if (is("MemoryDenyWriteExecute", "yes")) problems.push("node does not run with MemoryDenyWriteExecute=yes");
  if (["", "root"].includes(unit.get("User")?.at(-1) ?? "")) problems.push("it runs as root");
  if (!is("Environment", "NODE_ENV=production")) problems.push("NODE_ENV is not production");
  if (!is("Environment", `OSTIARY_DATA_DIR=/var/lib/${unit.get("StateDirectory")?.at(-1)}`)) {
    problems.push("the data folder is not the StateDirectory");
  }
  if (!is("Restart", "on-failure")) problems.push("it is not restarted after a failure");
  if (Number(unit.get("TimeoutStopSec")?.at(-1) ?? 0) <= STOP_SECONDS) {
    problems.push("it is killed before it has ended by itself");
  }
  if (/\n(?:Environment|ExecStart)=.*(?:SECRET|PASSWORD)/.test(text)) {
    problems.push("everybody on the machine can read what is in a unit: secrets are in the EnvironmentFile");
  }
  return problems;
}

/** What systemd says of it; null where there is no systemd. */
export function systemdProblems(text: string): string[] | null {
  const folder = mkdtempSync(join(tmpdir(), "unit-"));
  try {
    const file = join(folder, "ostiary.service");
    // It looks for the program, which is elsewhere here.
    writeFileSync(file, text.replace("ExecStart=/usr/bin/node ", `ExecStart=${process.execPath} `));
    const verified = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    if (verified.error !== undefined) return null;
    const security = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", `--threshold=${EXPOSURE * 10}`, "--no-pager", file],
      { encoding: "utf8" },
    );
    return [
      ...`${verified.stdout}${verified.stderr}`.split("\n").filter((line) => line.includes("ostiary.service")),
      ...(security.status === 0 ? [] : [security.stdout.trimEnd().split("\n").at(-1) ?? "systemd-analyze security failed"]),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
