/** Guarded requests with the feed and without, beside no guard at all and beside a look into Redis for each request. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startChild, untilAnswered } from "../../processes/child.ts";
import type { Drive } from "../../processes/messages.ts";
import type { Measured } from "../../processes/print-rounds.ts";
import { type Contender, takeTurns } from "../../processes/take-turns.ts";
import type { AuthServer } from "./auth-server.ts";

const TOKENS = 50;
const here = (name: string): string => join(import.meta.dirname, name);

export async function measureRequests(
  auth: AuthServer,
  options: { folder: string; redisUrl: string; rounds: number; drive: Drive },
): Promise<Measured[]> {
  const file = join(options.folder, "access-tokens.json");
  const tokens = [];
  for (let i = 0; i < TOKENS; i++) tokens.push((await auth.signUp(`requests${i}@example.com`)).accessToken);
  await writeFile(file, JSON.stringify(tokens));
  const contenders: Contender[] = [];
  for (const [how, name] of [
    ["feed", "guard, feed on"],
    ["no-feed", "guard, no feed"],
    ["denylist", "jsonwebtoken and a Redis GET"],
    ["open", "no guard"],
  ] as const) {
    const port = await freePort();
    const env = {
      ISSUER: auth.issuer,
      CLIENT_ID: auth.credentials.clientId,
      CLIENT_SECRET: auth.credentials.clientSecret,
      REDIS_URL: options.redisUrl,
      NODE_ENV: "production",
    };
    const server = startChild(["--expose-gc", "--import", here("../../processes/answer-usage.ts"), here("api.ts"), how, String(port)], { env });
    await untilAnswered(`http://127.0.0.1:${port}/`);
    const load = startChild([here("request-load.ts"), `http://127.0.0.1:${port}/`, file]);
    contenders.push({ name, server, load });
  }
  return takeTurns(contenders, options.rounds, options.drive);
}
