/**
 * The auth server's own routes, beside a bare route of Hono with the crypto and the statements that cannot be left out.
 *
 * `npm run bench -- routes [--only login,me] [--connections 32] [--rounds 5] [--seconds 2] [--quick]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopAll } from "../processes/child.ts";
import { stepsOf, takeTurns } from "../processes/take-turns.ts";
import type { Line, Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";
import { startContenders } from "./routes/contenders.ts";
import { type RouteDrive, ROUTES } from "./routes/messages.ts";

/** Enough that the hashing threads always have the next one; with more, all that happens is waiting. */
const LOGINS_AT_ONCE = 8;
/** A hash takes some thirty milliseconds. */
const LOGINS_TO_WARM_UP = 100;

export const suite: Suite = {
  seconds: 140,
  versions: ["hono", "@hono/node-server", "@node-rs/argon2", "sqlite", "undici"],
  run: measure,
};

async function measure(run: Run): Promise<Part[]> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  const routes = ROUTES.filter((route) => run.isWanted(route));
  const rounds = run.number("rounds", 5, 3);
  const [connections, seconds] = [run.number("connections", 32), run.number("seconds", 2, 1)];
  run.steps.expect(1 + routes.length * stepsOf(2, rounds));
  run.steps.step("starting");
  const lines: Line[] = [];
  try {
    const contenders = await startContenders(folder);
    for (const route of routes) {
      const drive: RouteDrive = { route, seconds, connections: route === "login" ? LOGINS_AT_ONCE : connections };
      const named = contenders.map((contender) => ({ ...contender, name: `${route}, ${contender.name}` }));
      const warmUp = route === "login" ? LOGINS_TO_WARM_UP : undefined;
      const [server, floor] = await takeTurns(run, named, rounds, drive, warmUp);
      const floors = Object.entries(floor?.samples ?? {}).map(([figure, values]) => [`floor ${figure}`, values]);
      lines.push({ name: route, kind: "ours", samples: { ...server?.samples, ...(Object.fromEntries(floors) as Line["samples"]) } });
    }
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
  return [partOf(lines, `${connections} connections (${LOGINS_AT_ONCE} of logins), ${rounds} rounds of ${seconds} s in turn, route by route`)];
}

function partOf(lines: readonly Line[], method: string): Part {
  return {
    name: "routes",
    title: "The auth server's routes",
    method,
    columns: [
      { title: "CPU × floor", of: "cpu", over: "floor cpu", digits: 2, spread: true },
      { title: "CPU µs", of: "cpu", digits: 0 },
      { title: "floor", of: "floor cpu", digits: 0 },
      { title: "per second", of: "perSecond", digits: 0 },
      { title: "floor", of: "floor perSecond", digits: 0 },
      { title: "p50 ms", of: "p50", digits: 1 },
      { title: "p99 ms", of: "p99", digits: 1 },
    ],
    lines,
    plot: {
      title: "The auth server's routes, beside the floor",
      subtitle: "CPU, a multiple of a bare route of Hono with the same crypto and statements. Shorter is better.",
      panels: [{ of: "cpu", over: "floor cpu" }],
      digits: 2,
      unit: " ×",
      marks: [
        { at: 1, label: "floor" },
        { at: 1.5, label: "aim", isAim: true },
      ],
    },
  };
}
