/**
 * Authorizations, token exchanges and refreshes of OAuth clients over HTTP, beside node-oidc-provider.
 *
 * `npm run bench -- oauth [--contenders ours-sqlite,theirs-sqlite]
 *   [--operations authorize,exchange,refresh] [--connections 16] [--rounds 5] [--seconds 1] [--quick] [--cpu-prof <folder>]`
 *
 * The contenders take turns, operation by operation and round by round; ratios are of the same round.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stopAll } from "../processes/child.ts";
import type { Driven, Usage } from "../processes/messages.ts";
import type { Line, Part } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";
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
  authorize: "Authorization: signed in, consent remembered, to the code",
  exchange: "Exchange: a code for an access token and an ID token",
  refresh: "Refresh: with a new refresh token each time",
};
/** As many as are sure to be used up within the minute that a code lives. */
const CODES_A_ROUND = 1500;
const WARM_UP = { seconds: 1, atLeast: 3000 };
const LEAST_ROUNDS = 3;

export const suite: Suite = {
  seconds: 180,
  versions: ["oidc-provider", "sqlite", "undici"],
  options: { contenders: { type: "string" }, operations: { type: "string" }, "cpu-prof": { type: "string" } },
  run: measure,
};

async function measure(run: Run): Promise<Part[]> {
  const names = (run.option("contenders")?.split(",") ?? Object.keys(CONTENDERS)) as ContenderName[];
  const wanted = names.filter((name) => run.isWanted(CONTENDERS[name].title) || names.some((each) => isBaseOf(name, each) && run.isWanted(CONTENDERS[each].title)));
  const operations = (run.option("operations")?.split(",") ?? OPERATIONS) as Operation[];
  const rounds = run.number("rounds", 5, 3);
  const [seconds, connections] = [run.number("seconds", 1), run.number("connections", 16)];
  const profile = run.option("cpu-prof");
  const nodeFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  run.steps.expect(operations.length * wanted.length * (rounds + 1));
  const contenders: RunningContender[] = [];
  const parts: Part[] = [];
  try {
    for (const name of wanted) contenders.push(await startContender(name, folder, nodeFlags));
    for (const operation of operations) {
      const drive: OperationDrive = { operation, connections, seconds, codes: operation === "exchange" ? CODES_A_ROUND : 0 };
      for (const contender of contenders) {
        run.steps.step(`${operation}, ${contender.title}, warming up`);
        await warmUp(contender, drive, run.quick ? 1 : WARM_UP.atLeast);
      }
      const measured = contenders.map((): Round[] => []);
      for (let round = 0; round < rounds && (round < LEAST_ROUNDS || run.hasTime()); round++) {
        for (let i = 0; i < contenders.length; i++) {
          const at = (i + round) % contenders.length;
          const contender = contenders[at];
          if (contender === undefined) continue;
          run.steps.step(`${operation}, ${contender.title}, round ${round + 1} of ${rounds}`);
          measured[at]?.push(await oneRound(contender, drive));
        }
      }
      parts.push(partOf(operation, contenders, measured, drive));
    }
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
  return parts;
}

function isBaseOf(name: ContenderName, other: ContenderName): boolean {
  return CONTENDERS[other].against === name;
}

/** V8 makes what runs often fast: each is to have come that far. */
async function warmUp(contender: RunningContender, drive: OperationDrive, atLeast: number): Promise<void> {
  if (drive.operation !== "exchange") await oneRound(contender, { ...drive, ...WARM_UP, atLeast });
  else for (let done = 0; done < atLeast; done += CODES_A_ROUND) await oneRound(contender, drive);
}

async function oneRound({ server, load }: RunningContender, drive: OperationDrive): Promise<Round> {
  // What is not to be measured: codes that are to be exchanged.
  await load.ask<null>({ ...drive, prepare: true });
  const before = await server.ask<Usage>({});
  const { answered, seconds, p50, p99 } = await load.ask<Driven>(drive);
  const after = await server.ask<Usage>({});
  return { perSecond: answered / seconds, cpu: (after.cpuMicroseconds - before.cpuMicroseconds) / answered, p50, p99 };
}

function partOf(operation: Operation, contenders: readonly RunningContender[], measured: readonly (readonly Round[])[], drive: OperationDrive): Part {
  const rounds = measured[0]?.length ?? 0;
  const each = operation === "exchange" ? `${CODES_A_ROUND} codes` : `${drive.seconds} s`;
  const lines = contenders.map(({ name, title, against }, i): Line => {
    const of = (figure: keyof Round): number[] => (measured[i] ?? []).map((round) => round[figure]);
    const samples = { perSecond: of("perSecond"), cpu: of("cpu"), p50: of("p50"), p99: of("p99") };
    return { name: title, kind: name.startsWith("ours") ? "ours" : "peer", against: CONTENDERS[against as ContenderName].title, samples };
  });
  return {
    name: operation,
    title: TITLES[operation],
    method: `${drive.connections} connections, ${rounds} rounds of ${each} in turn; × theirs is above 1 where Ostiary is the better one`,
    columns: [
      { title: "per second", of: "perSecond", digits: 0 },
      { title: "× theirs", of: "perSecond", toBase: true, digits: 2, spread: true },
      { title: "CPU µs", of: "cpu", digits: 0 },
      { title: "× theirs", of: "cpu", toBase: "inverse", digits: 2, spread: true },
      { title: "p50 ms", of: "p50", digits: 1 },
      { title: "p99 ms", of: "p99", digits: 1 },
    ],
    lines,
    plot: {
      title: TITLES[operation],
      subtitle: "CPU of the server's process for one answer, in microseconds. Shorter is better.",
      panels: [{ of: "cpu" }],
      digits: 0,
      unit: " µs",
    },
  };
}
