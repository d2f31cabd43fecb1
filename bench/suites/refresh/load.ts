/**
 * The load generator, a process of its own: `load.ts <url> <tokens file>`. The sessions of the file are refreshed in turn,
 * always with the token that was handed out last.
 */
import { readFileSync } from "node:fs";
import type { Pool } from "undici";
import { driveOnDemand } from "../../processes/closed-loop.ts";

const [address = "", file = ""] = process.argv.slice(2);
const { origin, pathname: path } = new URL(address);
const tokens = JSON.parse(readFileSync(file, "utf8")) as string[];
let next = 0;

driveOnDemand(origin, async (pool) => {
  const slot = next;
  next = (next + 1) % tokens.length;
  let unavailable = 0;
  let token: string | null;
  while ((token = await refresh(pool, tokens[slot] ?? "")) === null) unavailable++;
  tokens[slot] = token;
  return unavailable;
});

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
