/** Servers that are measured against each other, one at a time: a slow minute of the machine is not one contender's alone. */
import type { Line } from "../results/part.ts";
import type { Run } from "../suite.ts";
import type { Child } from "./child.ts";
import type { AskUsage, Drive, Driven, Usage } from "./messages.ts";

/** V8 makes what runs often fast: each is to have come that far, however slow its store is. */
const WARM_UP = { seconds: 2, atLeast: 10_000 };
const QUICK_WARM_UP = { seconds: 0.5, atLeast: 2000 };
/** With less there is no spread to be seen. */
const LEAST_ROUNDS = 3;

export interface Contender {
  readonly name: string;
  /** Runs with answer-usage.ts. */
  readonly server: Child;
  /** Answers a `Drive`. */
  readonly load: Child;
}

export interface Measured {
  readonly name: string;
  /**
   * Of each round: `perSecond`, `p50` and `p99` in milliseconds, `cpu` in microseconds of the server for one answer, and
   * `unavailable`, how many answers were 503. And once, in megabytes: `resident`, `residentBefore`, `heap`, `heapBefore`.
   */
  readonly samples: Line["samples"];
}

/** How many steps of progress it will tell. */
export function stepsOf(contenders: number, rounds: number): number {
  return contenders * (rounds + 1);
}

/**
 * Drives each of them for `rounds` rounds, in another order each round. `warmUp`: how many answers each has to give first.
 * Whoever started them stops them.
 */
export async function takeTurns(
  run: Run,
  contenders: readonly Contender[],
  rounds: number,
  drive: Drive,
  warmUp: number = run.quick ? QUICK_WARM_UP.atLeast : WARM_UP.atLeast,
): Promise<Measured[]> {
  for (const { name, load } of contenders) {
    run.steps.step(`${name}, warming up`);
    await load.ask<Driven>({ ...drive, seconds: run.quick ? QUICK_WARM_UP.seconds : WARM_UP.seconds, atLeast: warmUp });
  }
  const entrants = [];
  for (const contender of contenders) {
    entrants.push({ contender, rounds: [] as Round[], before: await memoryOf(contender) });
  }
  for (let round = 0; round < rounds && (round < LEAST_ROUNDS || run.hasTime()); round++) {
    for (let i = 0; i < entrants.length; i++) {
      const entrant = entrants[(i + round) % entrants.length];
      if (entrant === undefined) continue;
      run.steps.step(`${entrant.contender.name}, round ${round + 1} of ${rounds}`);
      entrant.rounds.push(await oneRound(entrant.contender, drive));
    }
  }
  const measured = [];
  for (const { contender, rounds: done, before } of entrants) {
    const after = await memoryOf(contender);
    const of = (figure: keyof Round): number[] => done.map((round) => round[figure]);
    const samples = {
      perSecond: of("perSecond"),
      p50: of("p50"),
      p99: of("p99"),
      cpu: of("cpu"),
      unavailable: of("unavailable"),
      residentBefore: [before.residentBytes / 2 ** 20],
      resident: [after.residentBytes / 2 ** 20],
      heapBefore: [before.heapBytes / 2 ** 20],
      heap: [after.heapBytes / 2 ** 20],
    };
    measured.push({ name: contender.name, samples });
  }
  return measured;
}

interface Round {
  readonly perSecond: number;
  readonly unavailable: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
}

async function oneRound({ server, load }: Contender, drive: Drive): Promise<Round> {
  const before = await server.ask<Usage>({});
  const { answered, unavailable, seconds, p50, p99 } = await load.ask<Driven>(drive);
  const after = await server.ask<Usage>({});
  const cpu = (after.cpuMicroseconds - before.cpuMicroseconds) / answered;
  return { perSecond: answered / seconds, unavailable, p50, p99, cpu };
}

function memoryOf({ server }: Contender): Promise<Usage> {
  return server.ask<Usage>({ collectGarbage: true } satisfies AskUsage);
}
