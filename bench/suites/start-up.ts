/**
 * From the command to the first answer, and the memory of a server that nobody asks.
 *
 * `npm run bench -- start-up [--only ostiary,provider] [--rounds 9] [--quick]`
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../processes/child.ts";
import type { Line, Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";

interface Entry {
  readonly name: string;
  readonly kind: Line["kind"];
  /** In server.ts; none for ours. */
  readonly server?: string;
  /** A folder that is empty each time: the database, its tables and the keys are made. */
  readonly isFirst?: boolean;
}

const MAIN = join(import.meta.dirname, "../../packages/server/src/cli/main.ts");
const SERVER = join(import.meta.dirname, "start-up/server.ts");
const PATIENCE_MS = 60_000;
/** Until what is left over from the start is done. */
const IDLE_MS = 1000;

const BASE = "node:http alone";
const ENTRIES: readonly Entry[] = [
  { name: BASE, kind: "floor", server: "node" },
  { name: "Hono alone", kind: "floor", server: "hono" },
  { name: "Express alone", kind: "floor", server: "express" },
  { name: "Ostiary", kind: "ours" },
  { name: "Ostiary, for the first time", kind: "ours", isFirst: true },
  { name: "Express + node-oidc-provider", kind: "peer", server: "oidc-provider" },
  { name: "Express + better-auth", kind: "peer", server: "better-auth" },
];

export const suite: Suite = {
  seconds: 110,
  versions: ["express", "hono", "oidc-provider", "better-auth", "sqlite"],
  run: measure,
};

interface Start {
  readonly wall: number;
  readonly cpu: number;
  readonly resident: number;
}

async function measure(run: Run): Promise<Part[]> {
  const entries = ENTRIES.filter(({ name }) => name === BASE || run.isWanted(name));
  const rounds = run.number("rounds", 9, 3);
  run.steps.expect(entries.length * (rounds + 1));
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  const starts = entries.map((): Start[] => []);
  try {
    // Round 0 is for the caches: compiled code, files.
    for (let round = 0; round <= rounds && (round < 4 || run.hasTime()); round++) {
      for (let i = 0; i < entries.length; i++) {
        const at = (i + round) % entries.length;
        const entry = entries[at];
        if (entry === undefined) continue;
        run.steps.step(`${entry.name}, ${round === 0 ? "warming up" : `round ${round} of ${rounds}`}`);
        const start = await startOnce(entry, entry.isFirst === true ? await mkdtemp(join(folder, "first-")) : folder, folder);
        if (round > 0) starts[at]?.push(start);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return [partOf(entries, starts)];
}

async function startOnce({ server }: Entry, folder: string, cacheFolder: string): Promise<Start> {
  const port = await freePort();
  const args = server === undefined ? [MAIN, "start"] : [SERVER, server, String(port), folder];
  const env = {
    ...process.env,
    // Compiled code is kept between starts, for all of them alike; ours does so by itself.
    NODE_COMPILE_CACHE: join(cacheFolder, "compiled"),
    OSTIARY_PORT: String(port),
    OSTIARY_ISSUER: `http://127.0.0.1:${port}/auth`,
    OSTIARY_DATABASE_URL: `sqlite:${join(folder, "ostiary.db")}`,
    OSTIARY_DATA_DIR: folder,
  };
  const started = performance.now();
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: "ignore" });
  try {
    const path = server === undefined ? "/readyz" : "/health";
    for (const deadline = started + PATIENCE_MS; (await statusOf(port, path)) !== 200; await pause(2)) {
      if (performance.now() > deadline || child.exitCode !== null) throw new Error(`${args.join(" ")} does not start.`);
    }
    const wall = performance.now() - started;
    const cpu = cpuMilliseconds(child);
    await pause(IDLE_MS);
    return { wall, cpu, resident: residentMegabytes(child) };
  } finally {
    // So that it keeps what it has compiled.
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
}

function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve) => {
    const request = get({ port, path, host: "127.0.0.1", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once("error", () => resolve(0));
  });
}

/** NaN where there is no /proc. */
function cpuMilliseconds({ pid }: ChildProcess): number {
  const [user, system] = fromProc(pid, "stat").split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 10;
}

function residentMegabytes({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(fromProc(pid, "status"))?.[1] ?? Number.NaN) / 1024;
}

function fromProc(pid: number | undefined, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

function partOf(entries: readonly Entry[], starts: readonly (readonly Start[])[]): Part {
  return {
    name: "start-up",
    title: "From the command to the first answer",
    method: `${starts[0]?.length ?? 0} starts each, in turn, each by a process of its own; memory a second later`,
    base: BASE,
    columns: [
      { title: "ms to the first answer", of: "wall", digits: 0, spread: true },
      { title: "CPU ms", of: "cpu", digits: 0 },
      { title: "idle, resident MB", of: "resident", digits: 0 },
    ],
    lines: entries.map(({ name, kind }, i) => {
      const of = (figure: keyof Start): number[] => (starts[i] ?? []).map((start) => start[figure]);
      return { name, kind, samples: { wall: of("wall"), cpu: of("cpu"), resident: of("resident") } };
    }),
    plot: {
      title: "From the command to the first answer",
      subtitle: "Milliseconds. Median of the starts, from the least to the greatest; shorter is better.",
      panels: [{ of: "wall" }],
      digits: 0,
      unit: " ms",
      marks: [{ at: 400, label: "aim", isAim: true }],
    },
  };
}
