/** Asks an API as often as it answers: `request-load.ts <url> <tokens file>`, told by IPC for how long. */
import { readFileSync } from "node:fs";
import { Pool } from "undici";
import type { Drive, Driven } from "../../processes/messages.ts";

const [address = "", file = ""] = process.argv.slice(2);
const { origin, pathname: path } = new URL(address);
const tokens = JSON.parse(readFileSync(file, "utf8")) as string[];

process.on("message", (drive: Drive) => {
  void run(drive).then((driven) => process.send?.(driven));
});

async function run({ seconds, connections }: Drive): Promise<Driven> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const latencies: number[] = [];
  const started = performance.now();
  const deadline = started + seconds * 1000;
  let next = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const asked = performance.now();
      const headers = { authorization: `Bearer ${tokens[next++ % tokens.length]}` };
      const { statusCode, body } = await pool.request({ path, method: "GET", headers });
      await body.text();
      if (statusCode !== 200) throw new Error(`${address} answered ${statusCode}`);
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const took = (performance.now() - started) / 1000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { refreshes: latencies.length, unavailable: 0, seconds: took, p50: at(0.5), p99: at(0.99) };
}
