/**
 * Refreshes over HTTP, beside the floor: bare node:http, the same crypto, and a bare compare-and-swap on the same store.
 *
 * `npm run bench -- refresh [--store sqlite,postgres,postgres+redis] [--sessions 1000,100000] [--connections 32] [--rounds 5]
 *   [--seconds 2] [--postgres <url>] [--quick] [--cpu-prof <folder>]`
 *
 * The two take turns. The load generator is a process of its own, one for each.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { redisBinary } from "../../packages/server/test/redis-server.ts";
import { openDatabases, type StoreName } from "../databases/databases.ts";
import { stopAll } from "../processes/child.ts";
import type { Drive } from "../processes/messages.ts";
import { type Measured, stepsOf, takeTurns } from "../processes/take-turns.ts";
import type { Line, Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";
import { startContenders } from "./refresh/contenders.ts";

export const suite: Suite = {
  seconds: 220,
  versions: ["sqlite", "pg", "redis", "redis-server", "undici"],
  options: { store: { type: "string" }, sessions: { type: "string" }, postgres: { type: "string" }, "cpu-prof": { type: "string" } },
  run: measure,
};

const STORE_NAMES: Readonly<Record<string, string>> = { sqlite: "SQLite", postgres: "PostgreSQL", redis: "Redis" };

async function measure(run: Run): Promise<Part[]> {
  const hasRedis = redisBinary() !== undefined;
  const asked = (run.option("store") ?? "sqlite,postgres,postgres+redis").split(",") as StoreName[];
  const stores = asked.filter((store) => hasRedis || !store.endsWith("+redis"));
  const sizes = (run.option("sessions") ?? (run.quick ? "1000" : "1000,100000")).split(",").map(Number);
  const rounds = run.number("rounds", 5, 3);
  const drive: Drive = { connections: run.number("connections", 32), seconds: run.number("seconds", 2, 1) };
  const profile = run.option("cpu-prof");
  const nodeFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];

  run.steps.expect(stores.length * sizes.length * (1 + stepsOf(2, rounds)));
  const lines: Line[] = [];
  const versions: string[] = [];
  for (const store of stores) {
    const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
    const databases = await openDatabases(store, folder, run.option("postgres"));
    versions.push(databases.version);
    try {
      for (const sessions of sizes) {
        const name = `${nameOf(store)}, ${sessions.toLocaleString("en")} sessions`;
        if (!run.isWanted(name)) continue;
        run.steps.step(name);
        const contenders = await startContenders({ databases, folder, sessions, nodeFlags });
        lines.push(lineOf(name, await takeTurns(run, contenders, rounds, drive)));
        await stopAll();
      }
    } finally {
      await stopAll();
      await databases.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
  return [partOf(lines, `${drive.connections} connections, ${rounds} rounds of ${drive.seconds} s in turn; ${[...new Set(versions)].join("; ")}`)];
}

function nameOf(store: StoreName): string {
  return store.split("+").map((each) => STORE_NAMES[each] ?? each).join(" with ");
}

/** The server's samples, and the floor's beside them. */
function lineOf(name: string, [server, floor]: readonly Measured[]): Line {
  const floors = Object.entries(floor?.samples ?? {}).map(([figure, values]) => [`floor ${figure}`, values]);
  return { name, kind: "ours", samples: { ...server?.samples, ...(Object.fromEntries(floors) as Line["samples"]) } };
}

function partOf(lines: readonly Line[], method: string): Part {
  return {
    name: "refresh",
    title: "Refreshes",
    method,
    columns: [
      { title: "CPU × floor", of: "floor cpu", over: "cpu", digits: 2, spread: true },
      { title: "per second × floor", of: "perSecond", over: "floor perSecond", digits: 2, spread: true },
      { title: "per second", of: "perSecond", digits: 0 },
      { title: "floor", of: "floor perSecond", digits: 0 },
      { title: "CPU µs", of: "cpu", digits: 0 },
      { title: "floor", of: "floor cpu", digits: 0 },
      { title: "p50 ms", of: "p50", digits: 1 },
      { title: "p99 ms", of: "p99", digits: 1 },
      { title: "resident MB, before", of: "residentBefore", digits: 0 },
      { title: "after", of: "resident", digits: 0 },
      { title: "heap MB, before", of: "heapBefore", digits: 0 },
      { title: "after", of: "heap", digits: 0 },
    ],
    lines,
    plot: {
      title: "A refresh, beside the floor",
      subtitle: "CPU of a bare swap on the same store, as a share of the server's. Longer is better; 1 is the floor.",
      panels: [{ of: "floor cpu", over: "cpu" }],
      digits: 2,
      unit: "",
      marks: [
        { at: 1, label: "floor" },
        { at: 0.6, label: "aim", isAim: true },
      ],
    },
  };
}
