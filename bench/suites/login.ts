/**
 * Logins over HTTP beside the raw rate of the hash, what a guarded route in the same process notices of them, and what a
 * storm of logins takes in memory.
 *
 * `npm run bench -- login [--rounds 5] [--seconds 4] [--waiting 10000] [--rate 200] [--quick]`
 *
 * Hash and logins take turns, and the median over the rounds counts. Who signs in and who asks the guarded route are a
 * process each: what keeps the one busy is not to be taken for the server's delay by the other.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { HASH_THREADS, hashRate } from "./login/hash-rate.ts";
import type { LoginDrive, LoginDriven, ServerUsage } from "./login/messages.ts";
import { type Child, freePort, startChild, untilAnswered } from "../processes/child.ts";

/** Enough that the threads always have the next one. */
const LOGINS_AT_ONCE = 8;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "4" },
      waiting: { type: "string", default: "10000" },
      rate: { type: "string", default: "200" },
      quick: { type: "boolean", default: false },
    },
  });
  const rounds = values.quick ? 1 : Number(values.rounds);
  const seconds = values.quick ? 2 : Number(values.seconds);
  const [waiting, guardedPerSecond] = [Number(values.waiting), Number(values.rate)];
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  const port = await freePort();
  const server = startChild(["--expose-gc", join(import.meta.dirname, "login/server.ts"), String(port), folder]);
  try {
    await untilAnswered(`http://localhost:${port}/auth/.well-known/jwks.json`);
    const [people, api] = [0, 1].map(() => startChild([join(import.meta.dirname, "login/load.ts"), `http://localhost:${port}`]));
    const load = { people: people as Child, api: api as Child };
    await drive(load, { seconds: 1, logins: LOGINS_AT_ONCE, guardedPerSecond });
    await compareWithHash(server, load, rounds, seconds, guardedPerSecond);
    await storm(server, load, waiting, seconds, guardedPerSecond);
    await Promise.all([load.people.stop(), load.api.stop()]);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Load {
  readonly people: Child;
  readonly api: Child;
}

/** Both at once. */
async function drive({ people, api }: Load, { seconds, logins, guardedPerSecond }: LoginDrive): Promise<LoginDriven> {
  const [signedIn, { guarded }] = await Promise.all([
    people.ask<LoginDriven>({ seconds, logins, guardedPerSecond: 0 } satisfies LoginDrive),
    api.ask<LoginDriven>({ seconds, logins: 0, guardedPerSecond } satisfies LoginDrive),
  ]);
  return { ...signedIn, guarded };
}

async function compareWithHash(
  server: Child,
  load: Load,
  rounds: number,
  seconds: number,
  guardedPerSecond: number,
): Promise<void> {
  const all: { raw: number; rawCpuMs: number; cpuMs: number; perSecond: number; share: number; quiet: LoginDriven["guarded"]; busy: LoginDriven["guarded"] }[] = [];
  for (let round = 0; round < rounds; round++) {
    const { perSecond: raw, cpuMs: rawCpuMs } = await hashRate(seconds);
    const quiet = await drive(load, { seconds, logins: 0, guardedPerSecond });
    const before = await server.ask<ServerUsage>({});
    const logins = await drive(load, { seconds, logins: LOGINS_AT_ONCE, guardedPerSecond: 0 });
    const after = await server.ask<ServerUsage>({});
    const cpuMs = ((after.cpuSeconds - before.cpuSeconds) * 1000) / logins.loggedIn;
    const both = await drive(load, { seconds, logins: LOGINS_AT_ONCE, guardedPerSecond });
    const perSecond = logins.loggedIn / logins.seconds;
    all.push({ raw, rawCpuMs, cpuMs, perSecond, share: perSecond / raw, quiet: quiet.guarded, busy: both.guarded });
  }
  const middle = (of: (round: (typeof all)[number]) => number): number => median(all.map(of));
  console.log(`${HASH_THREADS} hashing thread${HASH_THREADS === 1 ? "" : "s"}; ${rounds} rounds of ${seconds} s each\n`);
  const row = (...cells: string[]): void => console.log(`| ${cells.join(" | ")} |`);
  console.log("| | a second | of the raw hash | CPU ms each |\n|---|---:|---:|---:|");
  row("raw hash", middle(({ raw }) => raw).toFixed(1), "1", middle(({ rawCpuMs }) => rawCpuMs).toFixed(1));
  const [perSecond, share] = [middle((round) => round.perSecond), middle((round) => round.share)];
  row("logins", perSecond.toFixed(1), share.toFixed(2), middle(({ cpuMs }) => cpuMs).toFixed(1));
  console.log();
  console.log(`| guarded route, ${guardedPerSecond} a second | p50 ms | p99 ms |\n|---|---:|---:|`);
  console.log(`| alone | ${middle(({ quiet }) => quiet.p50).toFixed(1)} | ${middle(({ quiet }) => quiet.p99).toFixed(1)} |`);
  console.log(`| during logins | ${middle(({ busy }) => busy.p50).toFixed(1)} | ${middle(({ busy }) => busy.p99).toFixed(1)} |\n`);
}

async function storm(server: Child, load: Load, waiting: number, seconds: number, guardedPerSecond: number): Promise<void> {
  const before = await server.ask<ServerUsage>({});
  const driven = await drive(load, { seconds, logins: waiting, guardedPerSecond });
  const after = await server.ask<ServerUsage>({});
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
  console.log(`| ${waiting.toLocaleString("en")} logins at once, for ${seconds} s | |\n|---|---:|`);
  console.log(`| logged in | ${driven.loggedIn.toLocaleString("en")} |`);
  console.log(`| answered 503 overloaded | ${driven.refused.toLocaleString("en")} |`);
  if (driven.cut > 0) console.log(`| connections cut | ${driven.cut.toLocaleString("en")} |`);
  console.log(`| memory before, MB | ${megabytes(before.rss)} |`);
  console.log(`| at most | ${megabytes(after.peakRss)} |`);
  console.log(`| guarded route p99, ms | ${driven.guarded.p99.toFixed(1)} |\n`);
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}
