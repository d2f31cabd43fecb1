/**
 * Sign-out: how soon guards in other processes refuse, and what it costs them to know. What it costs a request is in the
 * suite of requests.
 *
 * `npm run bench -- revocation [--part set,sign-out,mass] [--guards 1,4,16] [--sign-outs 100] [--sessions 100000] [--quick]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopAll } from "../processes/child.ts";
import type { Line, Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";
import { type AuthServer, startAuthServer } from "./revocation/auth-server.ts";
import { measureMass } from "./revocation/measure-mass.ts";
import { measureSet } from "./revocation/measure-set.ts";
import { measureSignOut } from "./revocation/measure-sign-out.ts";

const MASS_GUARDS = 4;
/** Of fewer, what else the heap does is more. */
const ENTRIES_TO_WEIGH = 100_000;
const SET_SIZES = [0, 10_000, 1_000_000];

export const suite: Suite = {
  seconds: 140,
  versions: ["sqlite"],
  options: { part: { type: "string" }, guards: { type: "string" }, "sign-outs": { type: "string" }, sessions: { type: "string" } },
  run: measure,
};

const PARTS: Readonly<Record<string, (run: Run, server: AuthServer, folder: string) => Promise<Part>>> = {
  set: async (run) => setPart(run),
  "sign-out": signOutPart,
  mass: massPart,
};

async function measure(run: Run): Promise<Part[]> {
  const names = (run.option("part") ?? Object.keys(PARTS).join(",")).split(",");
  run.steps.expect(SET_SIZES.length + guardsOf(run).length + 1);
  const parts = [];
  for (const name of names) {
    const measurePart = PARTS[name];
    if (measurePart === undefined) throw new Error(`No such part: ${name}. There are: ${Object.keys(PARTS).join(", ")}.`);
    const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
    const server = await startAuthServer(folder);
    try {
      parts.push(await measurePart(run, server, folder));
    } finally {
      await stopAll();
      await rm(folder, { recursive: true, force: true });
    }
  }
  return parts;
}

function guardsOf(run: Run): number[] {
  return (run.option("guards") ?? "1,4,16").split(",").map(Number);
}

async function signOutPart(run: Run, server: AuthServer): Promise<Part> {
  const signOuts = run.number("sign-outs", 100, 20);
  const lines: Line[] = [];
  for (const guards of guardsOf(run)) {
    const name = `${guards} guard process${guards === 1 ? "" : "es"}`;
    run.steps.step(`sign-outs, ${name}`);
    const { lastRefusal } = await measureSignOut(server, guards, signOuts);
    const sorted = lastRefusal.toSorted((a, b) => a - b);
    const at = (share: number): number[] => [sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN];
    lines.push({ name, kind: "ours", samples: { p50: at(0.5), p99: at(0.99), longest: at(1), all: lastRefusal } });
  }
  return {
    name: "sign-out",
    title: "From the answer to a sign-out until the last guard refuses",
    method: `${signOuts} sign-outs each; each guard looks once a millisecond; below 0 is before the caller had its answer`,
    columns: [
      { title: "p50 ms", of: "p50", digits: 1 },
      { title: "p99 ms", of: "p99", digits: 1 },
      { title: "longest ms", of: "longest", digits: 1 },
    ],
    lines,
  };
}

async function massPart(run: Run, server: AuthServer, folder: string): Promise<Part> {
  run.steps.step("many sign-outs at once");
  const { sessions, guards, revoking, lag } = await measureMass(server, folder, run.number("sessions", 100_000, 5000), MASS_GUARDS);
  const samples = { seconds: [revoking], perSecond: [sessions / revoking], lag: [lag] };
  return {
    name: "mass",
    title: "Sessions revoked one by one",
    method: `By another process on the same database, 256 at once; ${guards} guards follow`,
    columns: [
      { title: "seconds", of: "seconds", digits: 1 },
      { title: "per second", of: "perSecond", digits: 0 },
      { title: "last guard knew of all, ms after the last answer", of: "lag", digits: 0 },
    ],
    lines: [{ name: `${sessions.toLocaleString("en")} sessions`, kind: "ours", samples }],
  };
}

function setPart(run: Run): Part {
  const lines = SET_SIZES.map((size): Line => {
    const name = `${size.toLocaleString("en")} live entries`;
    run.steps.step(`a guard's set of revocations, ${name}`);
    const { entries, checkNanoseconds, entryBytes } = measureSet(size);
    const bytes = entries < ENTRIES_TO_WEIGH ? {} : { entryBytes: [entryBytes] };
    return { name, kind: "ours", samples: { check: checkNanoseconds, ...bytes } };
  });
  return {
    name: "set",
    title: "The guard's set of revocations",
    method: "CPU time of a check, of a token that is not revoked, and heap that an entry takes; 9 rounds of a million checks",
    columns: [
      { title: "ns a check", of: "check", digits: 0, spread: true },
      { title: "bytes an entry", of: "entryBytes", digits: 0 },
    ],
    lines,
  };
}
