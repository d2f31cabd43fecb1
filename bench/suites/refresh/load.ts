/**
 * The load generator, a process of its own: `load.ts <url> <tokens file>`, told by IPC how long to go on. Each
 * connection has sessions of its own and refreshes them in turn, always with the token it was given last.
 */
import { readFileSync } from "node:fs";
import { Pool } from "undici";
import type { Drive, Driven } from "./messages.ts";

const [address = "", file = ""] = process.argv.slice(2);
const { origin, pathname: path } = new URL(address);
const tokens = JSON.parse(readFileSync(file, "utf8")) as string[];
let next = 0;

process.on("message", (drive: Drive) => {
  void run(drive).then((driven) => process.send?.(driven));
});

async function run({ seconds, refreshes = 0, connections }: Drive): Promise<Driven> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const latencies: number[] = [];
  let unavailable = 0;
  const started = performance.now();
  const deadline = started + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < deadline || latencies.length < refreshes) {
      const slot = next;
      next = (next + 1) % tokens.length;
      const asked = performance.now();
      let token: string | null;
      while ((token = await refresh(pool, tokens[slot] ?? "")) === null) unavailable++;
      tokens[slot] = token;
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const took = (performance.now() - started) / 1000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { refreshes: latencies.length, unavailable, seconds: took, p50: at(0.5), p99: at(0.99) };
}

/** The next token; null for 503. The one that was sent is still good then, and if it was rotated after all, repeated. */
async function refresh(pool: Pool, refreshToken: string): Promise<string | null> {
  const { statusCode, body } = await pool.request({
    path,
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "ostiary-bench/1.0" },
    body: JSON.stringify({ refreshToken }),
  });
  const answer = (await body.json()) as { refreshToken?: string };
  if (statusCode === 200 && answer.refreshToken !== undefined) return answer.refreshToken;
  if (statusCode === 503) return null;
  throw new Error(`${statusCode} ${JSON.stringify(answer)}`);
}
