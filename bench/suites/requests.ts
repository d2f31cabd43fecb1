/**
 * Guarded requests over HTTP: what each of the usual ways to guard an Express API costs a request, beside Express alone.
 *
 * `npm run bench -- requests [--only ostiary,jsonwebtoken] [--connections 50] [--processes 3] [--rounds 3] [--seconds 1] [--quick]`
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type People, withPeople } from "../apis/people.ts";
import type { ApiKind } from "../apis/settings.ts";
import { startApi, startLoad } from "../apis/start-api.ts";
import type { Drive } from "../processes/messages.ts";
import { type Measured, stepsOf, takeTurns } from "../processes/take-turns.ts";
import type { Line, Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";

interface Entry {
  readonly name: string;
  readonly kind: Line["kind"];
  readonly api: ApiKind;
  /** How many tokens or sessions are in use, in turn. */
  readonly people: number;
  readonly needsRedis?: boolean;
}

const IN_USE = 1000;
/**
 * The least that V8 has for new objects, in MB; by itself it begins with 1 and grows to 16. A process that has little to do while
 * its heap is cleared up, as all but one have here, may fall back to 1 or 2 and stay there: of processes that are the same, some
 * then collect ten times as often as others for the rest of their lives.
 */
const NODE_FLAGS = ["--min-semi-space-size=16"];
/** Twice as many as a guard remembers, and more: by the time one comes again, it is forgotten. */
const NEVER_SEEN = 25_000;

const BASE = "Express alone";
const ENTRIES: readonly Entry[] = [
  { name: BASE, kind: "floor", api: "open", people: IN_USE },
  { name: "Ostiary, feed on", kind: "ours", api: "ostiary", people: IN_USE },
  { name: "Ostiary, no feed", kind: "ours", api: "ostiary-no-feed", people: IN_USE },
  { name: "Ostiary, feed on, every token new, HS256", kind: "ours", api: "ostiary-hs256", people: NEVER_SEEN },
  { name: "Ostiary, feed on, every token new, ES256", kind: "ours", api: "ostiary", people: NEVER_SEEN },
  { name: "jsonwebtoken, KeyObject", kind: "peer", api: "jsonwebtoken-key-object", people: IN_USE },
  { name: "jsonwebtoken, as guides use it", kind: "peer", api: "jsonwebtoken", people: IN_USE },
  { name: "jsonwebtoken + Redis denylist", kind: "peer", api: "jsonwebtoken-denylist", people: IN_USE, needsRedis: true },
  { name: "express-jwt, RS256", kind: "peer", api: "express-jwt", people: IN_USE },
  { name: "express-session, in memory", kind: "peer", api: "express-session", people: IN_USE },
  { name: "express-session + Redis", kind: "peer", api: "express-session-redis", people: IN_USE, needsRedis: true },
  { name: "better-auth getSession", kind: "peer", api: "better-auth", people: IN_USE },
  { name: "better-auth, cookie cache", kind: "peer", api: "better-auth-cookie-cache", people: IN_USE },
];

export const suite: Suite = {
  seconds: 270,
  versions: ["express", "jsonwebtoken", "express-jwt", "express-session", "connect-redis", "redis", "redis-server", "better-auth", "undici"],
  options: { processes: { type: "string" } },
  run: (run) => withPeople(NEVER_SEEN, 1, (people) => measure(run, people)),
};

interface Life {
  readonly people: People;
  /** Counted from 0. */
  readonly life: number;
  readonly rounds: number;
  readonly drive: Drive;
}

/** Each API in a new process: what V8 makes of one depends on chance, and stays. */
async function measureOnce(run: Run, entries: readonly Entry[], { people, life, rounds, drive }: Life): Promise<Measured[]> {
  const folder = join(people.folder, `life-${life}`);
  await mkdir(folder);
  const contenders = [];
  for (const { name, api, people: count } of entries) {
    run.steps.step(`${name}, starting`);
    const group = { ...people, folder, count };
    contenders.push(await startLoad(name, await startApi(api, group, NODE_FLAGS), group));
  }
  const measured = await takeTurns(run, contenders, rounds, drive);
  await Promise.all(contenders.flatMap(({ server, load }) => [server.stop(), load.stop()]));
  return measured;
}

/** One after the other, in the same order for all lines. */
function joined(parts: readonly Line["samples"][]): Line["samples"] {
  const figures = Object.keys(parts[0] ?? {});
  return Object.fromEntries(figures.map((figure) => [figure, parts.flatMap((part) => part[figure] ?? [])]));
}

async function measure(run: Run, people: People): Promise<Part[]> {
  const hasRedis = people.redisUrl !== "";
  const entries = ENTRIES.filter(({ name, needsRedis }) => (name === BASE || run.isWanted(name)) && (hasRedis || needsRedis !== true));
  const processes = run.number("processes", 3, 1);
  const rounds = run.number("rounds", 3);
  const drive: Drive = { connections: run.number("connections", 50), seconds: run.number("seconds", 1, 0.7) };
  run.steps.expect(processes * (entries.length + stepsOf(entries.length, rounds)));
  const lives: Measured[][] = [];
  for (let i = 0; i < processes; i++) lives.push(await measureOnce(run, entries, { people, life: i, rounds, drive }));
  const measured = entries.map(({ name }, line) => ({ name, samples: joined(lives.map((life) => life[line]?.samples ?? {})) }));
  const kindOf = new Map(ENTRIES.map(({ name, kind }) => [name, kind]));
  const without = hasRedis ? "" : "; without Redis, which is not installed here";
  return [
    {
      name: "requests",
      title: "Guarded requests over HTTP",
      method: `${drive.connections} connections, ${processes} processes each, ${(measured[0]?.samples["cpu"]?.length ?? 0) / processes} rounds of ${drive.seconds} s in turn${without}`,
      base: BASE,
      columns: [
        { title: "CPU × Express alone", of: "cpu", toBase: true, digits: 2, spread: true },
        { title: "CPU µs", of: "cpu", digits: 0 },
        { title: "per second", of: "perSecond", digits: 0 },
        { title: "p50 ms", of: "p50", digits: 1 },
        { title: "p99 ms", of: "p99", digits: 1 },
        { title: "resident MB", of: "resident", digits: 0 },
      ],
      lines: measured.map(({ name, samples }) => ({ name, kind: kindOf.get(name) ?? "peer", samples })),
      plot: {
        title: "CPU of a guarded request",
        subtitle: "A multiple of Express with no guard. Median of the rounds, from the least to the greatest; shorter is better.",
        panels: [{ of: "cpu", toBase: true }],
        digits: 2,
        unit: " ×",
        marks: [{ at: 1, label: "Express alone" }],
        without: [BASE],
      },
    },
  ];
}
