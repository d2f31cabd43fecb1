/**
 * Measures contenders against each other in one process.
 *
 * They take turns within each round, in another order each time, so that a slow moment of the machine hits them all. Time is CPU time of the whole process: it counts the threads of libraries
 * that use some, and does not count other people's programs.
 */

export interface Contender {
  readonly name: string;
  /** Does the operation once, on the i-th input; asynchronous ones are awaited one after the other. */
  readonly run: (i: number) => unknown;
  readonly isAsync?: boolean;
}

export interface Result {
  readonly name: string;
  /** CPU nanoseconds per operation, of each round. */
  readonly samples: readonly number[];
}

export interface MeasureOptions {
  /** Rounds; odd, so that the median is one of them. */
  readonly rounds: number;
  /** How long each contender runs in a round. */
  readonly batchMilliseconds: number;
}

export async function measure(contenders: readonly Contender[], options: MeasureOptions): Promise<Result[]> {
  const entrants = [];
  for (const contender of contenders) {
    entrants.push({ contender, next: 0, size: 0, samples: [] as number[] });
  }
  for (const entrant of entrants) {
    // Warm up for two batches' time, and find out how many operations fill one.
    let size = 16;
    for (let spent = 0; spent < 2 * options.batchMilliseconds; ) {
      const started = performance.now();
      entrant.next = await batch(entrant.contender, entrant.next, size);
      const took = performance.now() - started;
      spent += took;
      size = Math.max(16, Math.ceil((size * options.batchMilliseconds) / Math.max(took, 0.1)));
    }
    entrant.size = size;
  }
  for (let round = 0; round < options.rounds; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const entrant = entrants[(i + round) % entrants.length];
      if (!entrant) continue;
      globalThis.gc?.(); // the one before has left its garbage to whoever comes next
      const started = process.cpuUsage();
      entrant.next = await batch(entrant.contender, entrant.next, entrant.size);
      const { user, system } = process.cpuUsage(started);
      entrant.samples.push(((user + system) * 1000) / entrant.size);
    }
  }
  return entrants.map(({ contender, samples }) => ({ name: contender.name, samples }));
}

async function batch({ run, isAsync }: Contender, from: number, size: number): Promise<number> {
  if (isAsync) {
    for (let i = from; i < from + size; i++) await run(i);
  } else {
    for (let i = from; i < from + size; i++) run(i);
  }
  return from + size;
}
