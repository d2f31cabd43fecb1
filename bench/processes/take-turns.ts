/** Servers that are measured against each other, one at a time: a slow minute of the machine is not one contender's alone. */
import type { Child } from "./child.ts";
import type { AskUsage, Drive, Driven, Usage } from "./messages.ts";
import type { Measured } from "./print-rounds.ts";

/** V8 makes what runs often fast: each is to have come that far, however slow its store is. */
const WARM_UP = { seconds: 2, atLeast: 10_000 };

export interface Contender {
  readonly name: string;
  /** Runs with answer-usage.ts. */
  readonly server: Child;
  /** Answers a `Drive`. */
  readonly load: Child;
}

/** Drives each of them for `rounds` rounds, in another order each round, and stops them. */
export async function takeTurns(contenders: readonly Contender[], rounds: number, drive: Drive): Promise<Measured[]> {
  for (const { load } of contenders) await load.ask<Driven>({ ...drive, ...WARM_UP });
  const entrants = [];
  for (const contender of contenders) {
    entrants.push({ contender, rounds: [] as Measured["rounds"], before: await memoryOf(contender) });
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const entrant = entrants[(i + round) % entrants.length];
      if (entrant !== undefined) entrant.rounds.push(await oneRound(entrant.contender, drive));
    }
  }
  const measured = [];
  for (const { contender, ...rest } of entrants) {
    measured.push({ name: contender.name, ...rest, after: await memoryOf(contender) });
  }
  for (const { server, load } of contenders) await Promise.all([server.stop(), load.stop()]);
  return measured;
}

async function oneRound({ server, load }: Contender, drive: Drive): Promise<Measured["rounds"][number]> {
  const before = await server.ask<Usage>({});
  const { answered, unavailable, seconds, p50, p99 } = await load.ask<Driven>(drive);
  const after = await server.ask<Usage>({});
  const cpu = (after.cpuMicroseconds - before.cpuMicroseconds) / answered;
  return { perSecond: answered / seconds, unavailable, p50, p99, cpu };
}

function memoryOf({ server }: Contender): Promise<Usage> {
  return server.ask<Usage>({ collectGarbage: true } satisfies AskUsage);
}
