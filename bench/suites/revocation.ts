/**
 * Sign-out: how soon guards in other processes refuse, and what it costs them to know.
 *
 * `npm run bench -- revocation [--part sign-out,requests,set,mass] [--guards 1,4,16] [--sign-outs 100]
 *   [--sessions 100000] [--connections 32] [--rounds 9] [--seconds 2] [--quick]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startRedisServer } from "../../packages/server/test/redis-server.ts";
import { printTable } from "../table.ts";
import { printRounds } from "../processes/print-rounds.ts";
import { type AuthServer, startAuthServer } from "./revocation/auth-server.ts";
import { measureMass } from "./revocation/measure-mass.ts";
import { measureRequests } from "./revocation/measure-requests.ts";
import { measureSet } from "./revocation/measure-set.ts";
import { measureSignOut } from "./revocation/measure-sign-out.ts";

const MASS_GUARDS = 4;
const ENTRIES_TO_WEIGH = 100_000;
const SET_SIZES = [0, 10_000, 1_000_000];

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      part: { type: "string", default: "set,sign-out,requests,mass" },
      guards: { type: "string", default: "1,4,16" },
      "sign-outs": { type: "string" },
      sessions: { type: "string" },
      connections: { type: "string", default: "32" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const number = (given: string | undefined, usual: number, quick: number): number =>
    given === undefined ? (values.quick ? quick : usual) : Number(given);
  const drive = { connections: Number(values.connections), seconds: number(values.seconds, 2, 1) };

  const parts: Record<string, (server: AuthServer, folder: string) => Promise<void>> = {
    async set() {
      printSet();
    },
    async "sign-out"(server) {
      const signOuts = number(values["sign-outs"], 100, 20);
      const rows = [];
      for (const guards of values.guards.split(",").map(Number)) {
        const { lastRefusal } = await measureSignOut(server, guards, signOuts);
        const sorted = lastRefusal.toSorted((a, b) => a - b);
        const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1);
        rows.push([`${guards}`, at(0.5), at(0.99), at(1 - 1 / sorted.length)]);
      }
      const title = `From the answer to a sign-out until the last guard refuses, ${signOuts} sign-outs:`;
      printTable(title, ["guard processes", "p50 ms", "p99 ms", "longest ms"], rows);
    },
    async requests(server, folder) {
      const redis = await startRedisServer();
      const rounds = number(values.rounds, 9, 3);
      try {
        printRounds("requests to an Express API", await measureRequests(server, { folder, redisUrl: redis.url, rounds, drive }));
      } finally {
        await redis.stop();
      }
    },
    async mass(server, folder) {
      const { sessions, guards, revoking, lag } = await measureMass(server, folder, number(values.sessions, 100_000, 5000), MASS_GUARDS);
      const row = [sessions.toLocaleString("en"), `${guards}`, revoking.toFixed(1), (sessions / revoking).toFixed(0), lag.toFixed(0)];
      printTable("Sessions revoked one by one:", ["sessions", "guards", "seconds", "per second", "last guard knew, ms later"], [row]);
    },
  };
  for (const part of values.part.split(",")) {
    const measure = parts[part];
    if (measure === undefined) throw new Error(`No such part: ${part}. There are: ${Object.keys(parts).join(", ")}.`);
    const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
    const server = await startAuthServer(folder);
    try {
      await measure(server, folder);
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function printSet(): void {
  const rows = SET_SIZES.map(measureSet).map(({ entries, checkNanoseconds, entryBytes }) => [
    entries.toLocaleString("en"),
    checkNanoseconds.toFixed(0),
    entries < ENTRIES_TO_WEIGH ? "" : entryBytes.toFixed(0),
  ]);
  printTable("The guard's set of revocations:", ["live entries", "ns a check", "bytes an entry"], rows);
}
