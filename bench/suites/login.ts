/**
 * Logins over HTTP beside the raw rate of the hash, what a guarded route in the same process notices of them, and what a
 * storm of logins takes in memory.
 *
 * `npm run bench -- login [--rounds 5] [--seconds 4] [--waiting 10000] [--rate 200] [--quick]`
 *
 * Hash and logins take turns. Who signs in and who asks the guarded route are a process each: what keeps the one busy is not
 * to be taken for the server's delay by the other.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, freePort, startChild, stopAll, untilAnswered } from "../processes/child.ts";
import type { Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";
import { HASH_THREADS, hashRate } from "./login/hash-rate.ts";
import type { LoginDrive, LoginDriven, ServerUsage } from "./login/messages.ts";

/** Enough that the threads always have the next one. */
const LOGINS_AT_ONCE = 8;
const LEAST_ROUNDS = 3;
const MEGABYTE = 2 ** 20;

export const suite: Suite = {
  seconds: 100,
  versions: ["@node-rs/argon2", "express", "sqlite", "undici"],
  options: { waiting: { type: "string" }, rate: { type: "string" } },
  run: measure,
};

async function measure(run: Run): Promise<Part[]> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  const port = await freePort();
  const server = startChild(["--expose-gc", join(import.meta.dirname, "login/server.ts"), String(port), folder]);
  try {
    await untilAnswered(`http://localhost:${port}/auth/.well-known/jwks.json`);
    const [people, api] = [0, 1].map(() => startChild([join(import.meta.dirname, "login/load.ts"), `http://localhost:${port}`]));
    const field: Field = {
      server,
      people: people as Child,
      api: api as Child,
      seconds: run.number("seconds", 4, 2),
      guardedPerSecond: run.number("rate", 200),
    };
    await drive(field, { logins: LOGINS_AT_ONCE });
    const parts = await besideTheHash(run, field, run.number("rounds", 5, 1));
    run.steps.step("a storm");
    return [...parts, await storm(field, run.number("waiting", 10_000, 1000))];
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Field {
  readonly server: Child;
  readonly people: Child;
  readonly api: Child;
  readonly seconds: number;
  readonly guardedPerSecond: number;
}

/** Both at once: as many logins as are said, and requests to the guarded route unless there are to be none. */
async function drive(field: Field, { logins, guarded = true }: { logins: number; guarded?: boolean }): Promise<LoginDriven> {
  const { people, api, seconds } = field;
  const guardedPerSecond = guarded ? field.guardedPerSecond : 0;
  const [signedIn, asked] = await Promise.all([
    people.ask<LoginDriven>({ seconds, logins, guardedPerSecond: 0 } satisfies LoginDrive),
    api.ask<LoginDriven>({ seconds, logins: 0, guardedPerSecond } satisfies LoginDrive),
  ]);
  return { ...signedIn, guarded: asked.guarded };
}

interface Round {
  readonly raw: number;
  readonly rawCpuMs: number;
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly quiet: LoginDriven["guarded"];
  readonly busy: LoginDriven["guarded"];
}

async function besideTheHash(run: Run, field: Field, rounds: number): Promise<Part[]> {
  run.steps.expect(4 * rounds + 1);
  const all: Round[] = [];
  for (let round = 0; round < rounds && (round < LEAST_ROUNDS || run.hasTime()); round++) {
    const of = `round ${round + 1} of ${rounds}`;
    run.steps.step(`the hash alone, ${of}`);
    const { perSecond: raw, cpuMs: rawCpuMs } = await hashRate(field.seconds);
    run.steps.step(`a guarded route alone, ${of}`);
    const quiet = await drive(field, { logins: 0 });
    run.steps.step(`logins, ${of}`);
    const before = await field.server.ask<ServerUsage>({});
    const logins = await drive(field, { logins: LOGINS_AT_ONCE, guarded: false });
    const after = await field.server.ask<ServerUsage>({});
    run.steps.step(`a guarded route during logins, ${of}`);
    const both = await drive(field, { logins: LOGINS_AT_ONCE });
    const cpuMs = ((after.cpuSeconds - before.cpuSeconds) * 1000) / logins.loggedIn;
    all.push({ raw, rawCpuMs, perSecond: logins.loggedIn / logins.seconds, cpuMs, quiet: quiet.guarded, busy: both.guarded });
  }
  const method = `${all.length} rounds of ${field.seconds} s in turn`;
  return [loginPart(all, method), guardedPart(all, `${field.guardedPerSecond} requests a second; ${method}`)];
}

function loginPart(rounds: readonly Round[], method: string): Part {
  return {
    name: "login",
    title: "Logins and the hash",
    method: `${LOGINS_AT_ONCE} people sign in at any time, ${HASH_THREADS} hashing thread${HASH_THREADS === 1 ? "" : "s"}; ${method}`,
    base: "raw hash",
    columns: [
      { title: "a second", of: "perSecond", digits: 1 },
      { title: "of the raw hash", of: "perSecond", toBase: true, digits: 2, spread: true },
      { title: "CPU ms each", of: "cpuMs", digits: 1 },
    ],
    lines: [
      { name: "raw hash", kind: "floor", samples: { perSecond: rounds.map(({ raw }) => raw), cpuMs: rounds.map(({ rawCpuMs }) => rawCpuMs) } },
      { name: "logins", kind: "ours", samples: { perSecond: rounds.map(({ perSecond }) => perSecond), cpuMs: rounds.map(({ cpuMs }) => cpuMs) } },
    ],
    plot: {
      title: "Logins a second, beside the raw hash",
      subtitle: "Argon2id on as many threads as the server hashes on, and nothing else. Longer is better.",
      panels: [{ of: "perSecond" }],
      digits: 1,
      unit: "",
    },
  };
}

function guardedPart(rounds: readonly Round[], method: string): Part {
  const samplesOf = (which: "quiet" | "busy") => ({ p50: rounds.map((round) => round[which].p50), p99: rounds.map((round) => round[which].p99) });
  return {
    name: "guarded",
    title: "A guarded route in the same process",
    method,
    columns: [
      { title: "p50 ms", of: "p50", digits: 1, spread: true },
      { title: "p99 ms", of: "p99", digits: 1, spread: true },
    ],
    lines: [
      { name: "alone", kind: "floor", samples: samplesOf("quiet") },
      { name: "during logins", kind: "ours", samples: samplesOf("busy") },
    ],
  };
}

async function storm(field: Field, waiting: number): Promise<Part> {
  const before = await field.server.ask<ServerUsage>({});
  const driven = await drive(field, { logins: waiting });
  const after = await field.server.ask<ServerUsage>({});
  const samples = {
    loggedIn: [driven.loggedIn],
    refused: [driven.refused],
    cut: [driven.cut],
    before: [before.rss / MEGABYTE],
    peak: [after.peakRss / MEGABYTE],
    p99: [driven.guarded.p99],
  };
  return {
    name: "storm",
    title: "Everybody at once",
    method: `Each asks again until ${field.seconds} s are over`,
    columns: [
      { title: "logged in", of: "loggedIn", digits: 0 },
      { title: "answered 503 overloaded", of: "refused", digits: 0 },
      { title: "connections cut", of: "cut", digits: 0 },
      { title: "memory before, MB", of: "before", digits: 0 },
      { title: "at most", of: "peak", digits: 0 },
      { title: "guarded route p99, ms", of: "p99", digits: 0 },
    ],
    lines: [{ name: `${waiting.toLocaleString("en")} at once`, kind: "ours", samples }],
  };
}
