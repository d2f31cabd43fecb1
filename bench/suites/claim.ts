/**
 * The headline of the guides: 100,000 people moved from server-side sessions to JWT take 60 % less memory, and are recognized
 * three times as fast. Measured with sign-outs that count at once, which the guides leave out.
 *
 * `npm run bench -- claim [--people 100000] [--only ostiary,redis] [--rounds 5] [--seconds 2] [--quick]`
 */
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "redis";
import { denyTokens } from "../apis/credentials.ts";
import { type People, withPeople } from "../apis/people.ts";
import type { ApiKind } from "../apis/settings.ts";
import { type RunningApi, startApi, startLoad } from "../apis/start-api.ts";
import type { Drive, Driven, Usage } from "../processes/messages.ts";
import { type Contender, type Measured, stepsOf, takeTurns } from "../processes/take-turns.ts";
import type { Line, Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";

const PEOPLE = 100_000;
/** Who has signed out while their tokens would still be good: one in twenty. */
const SIGNED_OUT_SHARE = 0.05;
const MEGABYTE = 2 ** 20;

interface Entry {
  readonly name: string;
  readonly kind: Line["kind"];
  readonly api: ApiKind;
  readonly keptIn?: "redis" | "file";
  /** How many ask once before memory is looked at, if that is not everybody: where nothing is kept of who asks. */
  readonly asks?: number;
}

const BASE = "Express alone";
const SESSIONS = "express-session + Redis";
const ENTRIES: readonly Entry[] = [
  { name: BASE, kind: "floor", api: "open" },
  { name: "Ostiary, HS256", kind: "ours", api: "ostiary-hs256" },
  { name: "Ostiary, ES256", kind: "ours", api: "ostiary" },
  { name: "Ostiary, ES256, remembers everybody", kind: "ours", api: "ostiary-remembering" },
  { name: "jsonwebtoken + Redis denylist", kind: "peer", api: "jsonwebtoken-denylist", keptIn: "redis" },
  { name: "express-session, in memory", kind: "peer", api: "express-session" },
  { name: SESSIONS, kind: "peer", api: "express-session-redis", keptIn: "redis" },
  { name: "better-auth getSession", kind: "peer", api: "better-auth", keptIn: "file", asks: 10_000 },
];

export const suite: Suite = {
  seconds: 250,
  versions: ["express", "jsonwebtoken", "express-session", "connect-redis", "redis", "redis-server", "better-auth", "sqlite", "undici"],
  options: { people: { type: "string" } },
  async run(run) {
    const count = run.number("people", PEOPLE, 10_000);
    run.steps.step(`${count.toLocaleString("en")} sessions for the auth server`);
    return withPeople(count, Math.ceil(count * SIGNED_OUT_SHARE), (people) => measure(run, people));
  },
};

async function measure(run: Run, people: People): Promise<Part[]> {
  const entries = ENTRIES.filter(
    ({ name, keptIn }) => (name === BASE || name === SESSIONS || run.isWanted(name)) && (keptIn !== "redis" || people.redisUrl !== ""),
  );
  const rounds = run.number("rounds", 5, 3);
  const drive: Drive = { connections: run.number("connections", 50), seconds: run.number("seconds", 2, 0.7) };
  run.steps.expect(1 + 2 * entries.length + stepsOf(entries.length, rounds));
  const contenders: Contender[] = [];
  const memory = new Map<string, Line["samples"]>();
  const apis = [];
  for (const entry of entries) {
    run.steps.step(`${entry.name}, before anybody has signed in`);
    const api = await startApi(entry.api, people);
    apis.push({ entry, api, before: await usedByFew(run, people, entry, api) });
  }
  await people.auth.signOut(people.count + 1, people.count + signedOutOf(people));
  for (const { entry, api, before } of apis) {
    run.steps.step(`${entry.name}, ${people.count.toLocaleString("en")} sign in`);
    // One Redis for all of them: what it has for others by now does not count.
    const redis = entry.keptIn === "redis" ? await usedByRedis(people.redisUrl) : 0;
    if (entry.api === "jsonwebtoken-denylist") await denyMany(people);
    const contender = await startLoad(entry.name, api, people);
    // What an API remembers of those who have asked, it has to remember in earnest.
    await contender.load.ask<Driven>({ connections: 50, seconds: 0, atLeast: Math.min(people.count, entry.asks ?? people.count) } satisfies Drive);
    memory.set(entry.name, memoryOf(people, { ...before, redis }, await usedBy(people, entry, api)));
    contenders.push(contender);
  }
  const measured = await takeTurns(run, contenders, rounds, drive);
  const lines = entries.map(({ name, kind }): Line => ({ name, kind, samples: memory.get(name) ?? {} }));
  return [memoryPart(people, [...lines, await authServerLine(people)]), speedPart(entries, measured, drive)];
}

/** With ten people, and code that V8 has made fast. */
async function usedByFew(run: Run, people: People, entry: Entry, api: RunningApi): Promise<Used> {
  const { load } = await startLoad(entry.name, api, { ...people, count: 10 });
  await load.ask<Driven>({ connections: 50, seconds: run.quick ? 0.5 : 2, atLeast: run.quick ? 2000 : 10_000 } satisfies Drive);
  await load.stop();
  return usedBy(people, entry, api);
}

function memoryOf(people: People, before: Used, after: Used): Line["samples"] {
  const perPerson = (bytes: (used: Used) => number): number[] => [(bytes(after) - bytes(before)) / people.count];
  return {
    addedMb: [(after.heap + after.redis - before.heap - before.redis) / MEGABYTE],
    bytes: perPerson(({ heap, redis }) => heap + redis),
    heapBytes: perPerson(({ heap }) => heap),
    residentBeforeMb: [before.resident / MEGABYTE],
    residentMb: [after.resident / MEGABYTE],
    redisBytes: perPerson(({ redis }) => redis),
    fileBytes: perPerson(({ file }) => file),
  };
}

function signedOutOf({ count }: People): number {
  return Math.ceil(count * SIGNED_OUT_SHARE);
}

interface Used {
  readonly resident: number;
  readonly heap: number;
  readonly redis: number;
  readonly file: number;
}

async function usedBy({ redisUrl, folder }: People, { api: kind, keptIn }: Entry, { server }: RunningApi): Promise<Used> {
  const { residentBytes, heapBytes } = await server.ask<Usage>({ collectGarbage: true });
  return {
    resident: residentBytes,
    heap: heapBytes,
    redis: keptIn === "redis" ? await usedByRedis(redisUrl) : 0,
    file: keptIn === "file" ? statSync(join(folder, `${kind}.db`)).size : 0,
  };
}

async function usedByRedis(url: string): Promise<number> {
  const redis = await createClient({ url }).connect();
  const used = Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
  redis.destroy();
  return used;
}

/** As many as have signed out. */
async function denyMany(people: People): Promise<void> {
  const ids = Array.from({ length: signedOutOf(people) }, () => randomBytes(16).toString("base64url"));
  await denyTokens(people.redisUrl, ids);
}

/** Where sessions are that APIs need not keep: one for all APIs, and no request goes there. */
async function authServerLine({ auth, count }: People): Promise<Line> {
  const { residentBytes } = await auth.process.ask<Usage>({ collectGarbage: true });
  const samples = { fileBytes: [auth.databaseBytes() / (1 + SIGNED_OUT_SHARE) / count], residentMb: [residentBytes / MEGABYTE] };
  return { name: "Ostiary's auth server", kind: "ours", samples };
}

function memoryPart(people: People, lines: readonly Line[]): Part {
  const count = people.count.toLocaleString("en");
  return {
    name: "memory",
    title: `Memory with ${count} signed in`,
    method: `${count} people who have each asked once, and ${signedOutOf(people).toLocaleString("en")} who have signed out; after a garbage collection, less what it was with ten people`,
    columns: [
      { title: "MB in memory", of: "addedMb", digits: 1 },
      { title: "bytes a person", of: "bytes", digits: 0 },
      { title: "in the API's heap", of: "heapBytes", digits: 0 },
      { title: "in Redis", of: "redisBytes", digits: 0 },
      { title: "in a file", of: "fileBytes", digits: 0 },
      { title: "process, resident MB before", of: "residentBeforeMb", digits: 0 },
      { title: "after", of: "residentMb", digits: 0 },
    ],
    lines,
    plot: {
      title: `Memory for ${count} people who are signed in`,
      subtitle: "Megabytes, in the API's heap and in Redis. Shorter is better.",
      panels: [{ of: "addedMb" }],
      digits: 1,
      unit: " MB",
    },
  };
}

function speedPart(entries: readonly Entry[], measured: readonly Measured[], drive: Drive): Part {
  const alone = measured.find(({ name }) => name === BASE)?.samples["cpu"] ?? [];
  return {
    name: "speed",
    title: "Who asks, recognized",
    method: `${drive.connections} connections, ${alone.length} rounds of ${drive.seconds} s in turn; everybody asks, one after the other`,
    base: SESSIONS,
    columns: [
      { title: "authentication, CPU µs", of: "authentication", digits: 0 },
      { title: "× as fast as sessions in Redis", of: "authentication", toBase: "inverse", digits: 1, spread: true },
      { title: "whole request, CPU µs", of: "cpu", digits: 0 },
      { title: "× as fast", of: "cpu", toBase: "inverse", digits: 1, spread: true },
      { title: "per second", of: "perSecond", digits: 0 },
      { title: "p50 ms", of: "p50", digits: 1 },
    ],
    lines: measured.map(({ name, samples }) => {
      const authentication = (samples["cpu"] ?? []).map((cpu, round) => Math.max(0, cpu - (alone[round] ?? Number.NaN)));
      const kind = entries.find((entry) => entry.name === name)?.kind ?? "peer";
      return { name, kind, samples: name === BASE ? samples : { ...samples, authentication } };
    }),
    plot: {
      title: "CPU of recognizing who asks",
      subtitle: "Microseconds of the API's process, beyond what Express takes without a guard. Shorter is better.",
      panels: [{ of: "authentication" }],
      digits: 0,
      unit: " µs",
      without: [BASE],
    },
  };
}
