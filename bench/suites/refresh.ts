/**
 * Refreshes over HTTP, beside the floor: bare node:http, the same crypto, and a bare compare-and-swap on the same store.
 *
 * `npm run bench -- refresh [--store sqlite,postgres,postgres+redis] [--sessions 1000,100000] [--connections 32] [--rounds 7]
 *   [--seconds 3] [--postgres <url>] [--quick] [--cpu-prof <folder>]`
 *
 * The two take turns, and the median over the rounds counts. The load generator is a process of its own, one for each.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openDatabases, type StoreName } from "./refresh/databases.ts";
import { type Contender, startContenders } from "./refresh/contenders.ts";
import type { AskUsage, Drive, Driven, Usage } from "./refresh/messages.ts";
import { type Measured, printRounds } from "./refresh/print-rounds.ts";

/** V8 makes what runs often fast: both are to have come that far, however slow the store is. */
const WARM_UP_REFRESHES = 10_000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      store: { type: "string", default: "sqlite,postgres,postgres+redis" },
      sessions: { type: "string", default: "1000,100000" },
      connections: { type: "string", default: "32" },
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "3" },
      postgres: { type: "string" },
      quick: { type: "boolean", default: false },
      "cpu-prof": { type: "string" },
    },
  });
  const rounds = values.quick ? 3 : Number(values.rounds);
  const drive: Drive = { connections: Number(values.connections), seconds: values.quick ? 1 : Number(values.seconds) };
  const profile = values["cpu-prof"];
  const nodeFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];

  for (const store of values.store.split(",") as StoreName[]) {
    const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
    const databases = await openDatabases(store, folder, values.postgres);
    try {
      console.log(`${databases.version}; ${drive.connections} connections, ${rounds} rounds of ${drive.seconds} s each\n`);
      for (const sessions of values.sessions.split(",").map(Number)) {
        const contenders = await startContenders({ databases, folder, sessions, nodeFlags });
        const measured = await takeTurns(contenders, rounds, drive);
        for (const { server, load } of contenders) await Promise.all([server.stop(), load.stop()]);
        printRounds(`refresh, ${store}, ${sessions.toLocaleString("en")} sessions`, measured);
      }
    } finally {
      await databases.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function takeTurns(contenders: readonly Contender[], rounds: number, drive: Drive): Promise<Measured[]> {
  const warmUp = { ...drive, seconds: 0, refreshes: WARM_UP_REFRESHES };
  for (const { load } of contenders) await load.ask<Driven>(warmUp);
  const entrants = [];
  for (const contender of contenders) {
    entrants.push({ contender, rounds: [] as Measured["rounds"], before: await memoryOf(contender) });
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const entrant = entrants[(i + round) % entrants.length];
      if (entrant === undefined) continue;
      const { server, load } = entrant.contender;
      const before = await server.ask<Usage>({});
      const driven = await load.ask<Driven>(drive);
      const after = await server.ask<Usage>({});
      const cpu = (after.cpuMicroseconds - before.cpuMicroseconds) / driven.refreshes;
      entrant.rounds.push({ unavailable: driven.unavailable, perSecond: driven.refreshes / driven.seconds, p50: driven.p50, p99: driven.p99, cpu });
    }
  }
  return Promise.all(
    entrants.map(async ({ contender, ...rest }) => ({
      name: contender.name,
      ...rest,
      after: await memoryOf(contender),
    })),
  );
}

function memoryOf({ server }: Contender): Promise<Usage> {
  return server.ask<Usage>({ collectGarbage: true } satisfies AskUsage);
}
