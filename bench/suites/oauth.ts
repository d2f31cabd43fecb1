/**
 * Authorizations, token exchanges and refreshes of OAuth clients over HTTP, beside node-oidc-provider.
 *
 * `npm run bench -- oauth [--contenders ours-sqlite,theirs-sqlite]
 *   [--operations authorize,exchange,refresh] [--connections 16] [--rounds 7] [--seconds 2] [--quick] [--cpu-prof <folder>]`
 *
 * The contenders take turns, operation by operation and round by round; the medians count, and ratios are of the same round.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Driven, Usage } from "../processes/messages.ts";
import { printTable } from "../table.ts";
import { CONTENDERS, startContender } from "./oauth/contenders.ts";
import type { ContenderName, RunningContender } from "./oauth/contenders.ts";
import { OPERATIONS } from "./oauth/messages.ts";
import type { Operation, OperationDrive } from "./oauth/messages.ts";

interface Round {
  readonly perSecond: number;
  /** CPU microseconds of the server, for one answer. */
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

const TITLES: Readonly<Record<Operation, string>> = {
  authorize: "authorization: signed in, consent remembered, to the code",
  exchange: "exchange: code for access token and ID token",
  refresh: "refresh: with a new refresh token each time",
};
/** As many as are sure to be used up within the minute that a code lives. */
const CODES_A_ROUND = 1500;
const WARM_UP = { seconds: 1, atLeast: 3000 };

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      contenders: { type: "string", default: Object.keys(CONTENDERS).join(",") },
      operations: { type: "string", default: OPERATIONS.join(",") },
      connections: { type: "string", default: "16" },
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "2" },
      quick: { type: "boolean", default: false },
      "cpu-prof": { type: "string" },
    },
  });
  const rounds = values.quick ? 3 : Number(values.rounds);
  const seconds = values.quick ? 1 : Number(values.seconds);
  const connections = Number(values.connections);
  const profile = values["cpu-prof"];
  const nodeFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  const contenders: RunningContender[] = [];
  try {
    for (const name of values.contenders.split(",") as ContenderName[]) contenders.push(await startContender(name, folder, nodeFlags));
    console.log(`${connections} connections, ${rounds} rounds of ${seconds} s, or of ${CODES_A_ROUND} codes\n`);
    for (const operation of values.operations.split(",") as Operation[]) {
      const drive: OperationDrive = { operation, connections, seconds, codes: operation === "exchange" ? CODES_A_ROUND : 0 };
      // V8 makes what runs often fast: each is to have come that far.
      for (const contender of contenders) {
        if (operation !== "exchange") await oneRound(contender, { ...drive, ...WARM_UP });
        else for (let done = 0; done < WARM_UP.atLeast; done += CODES_A_ROUND) await oneRound(contender, drive);
      }
      const measured = contenders.map((): Round[] => []);
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < contenders.length; i++) {
          const at = (i + round) % contenders.length;
          const contender = contenders[at];
          if (contender !== undefined) measured[at]?.push(await oneRound(contender, drive));
        }
      }
      print(TITLES[operation], contenders, measured);
    }
  } finally {
    await Promise.all(contenders.flatMap(({ server, load }) => [server.stop(), load.stop()]));
    await rm(folder, { recursive: true, force: true });
  }
}

async function oneRound({ server, load }: RunningContender, drive: OperationDrive): Promise<Round> {
  // What is not to be measured: codes that are to be exchanged.
  await load.ask<null>({ ...drive, prepare: true });
  const before = await server.ask<Usage>({});
  const { answered, seconds, p50, p99 } = await load.ask<Driven>(drive);
  const after = await server.ask<Usage>({});
  return { perSecond: answered / seconds, cpu: (after.cpuMicroseconds - before.cpuMicroseconds) / answered, p50, p99 };
}

/** Ratios are of the same round: what a slow moment did to a round, it did to both. */
function print(title: string, contenders: readonly RunningContender[], measured: readonly (readonly Round[])[]): void {
  const rows = contenders.map(({ title: name, against }, i) => {
    const mine = measured[i] ?? [];
    const other = measured[contenders.findIndex((contender) => contender.name === against)] ?? [];
    const rates = mine.map(({ perSecond }) => perSecond);
    const faster = mine.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? Number.NaN));
    const cheaper = mine.map(({ cpu }, round) => (other[round]?.cpu ?? Number.NaN) / cpu);
    return [
      name,
      whole(median(rates)),
      `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`,
      spread(faster),
      whole(median(mine.map(({ cpu }) => cpu))),
      spread(cheaper),
      median(mine.map(({ p50 }) => p50)).toFixed(1),
      median(mine.map(({ p99 }) => p99)).toFixed(1),
    ];
  });
  const head = ["", "per second", "from–to", "× theirs", "CPU µs", "× theirs", "p50 ms", "p99 ms"];
  printTable(title, head, rows);
}

function spread(ratios: readonly number[]): string {
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}
