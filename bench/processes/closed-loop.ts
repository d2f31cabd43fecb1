/** A load generator's loop: each connection asks again as soon as it was answered, and nobody asks sooner. */
import { Pool } from "undici";
import type { Drive, Driven } from "./messages.ts";

/**
 * Asks once, and resolves to how often that was answered 503 before it was answered well; to null if there is nothing left to
 * ask for. Throws at any other answer.
 */
type Ask = (pool: Pool) => Promise<number | null>;

/** Lets the parent process say how long, over IPC, and answers it with what came of it. */
export function driveOnDemand(origin: string, ask: Ask): void {
  process.on("message", (drive: Drive) => {
    void closedLoop(origin, drive, ask).then((driven) => process.send?.(driven));
  });
}

export async function closedLoop(origin: string, { seconds, atLeast = 0, connections }: Drive, ask: Ask): Promise<Driven> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const latencies: number[] = [];
  let unavailable = 0;
  const started = performance.now();
  const deadline = started + seconds * 1000;
  const connection = async (): Promise<void> => {
    while (performance.now() < deadline || latencies.length < atLeast) {
      const asked = performance.now();
      const refused = await ask(pool);
      if (refused === null) return;
      unavailable += refused;
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const took = (performance.now() - started) / 1000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { answered: latencies.length, unavailable, seconds: took, p50: at(0.5), p99: at(0.99) };
}
