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
import { openDatabases, type StoreName } from "../databases/databases.ts";
import type { Drive } from "../processes/messages.ts";
import { printRounds } from "../processes/print-rounds.ts";
import { takeTurns } from "../processes/take-turns.ts";
import { startContenders } from "./refresh/contenders.ts";

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
        printRounds(`refresh, ${store}, ${sessions.toLocaleString("en")} sessions`, measured);
      }
    } finally {
      await databases.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
}
