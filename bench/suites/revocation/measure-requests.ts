/** Guarded requests with the feed and without, beside no guard at all and beside a look into Redis for each request. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, freePort, startChild, untilAnswered } from "../refresh/child.ts";
import type { Drive, Driven, Usage } from "../refresh/messages.ts";
import type { Measured } from "../refresh/print-rounds.ts";
import type { AuthServer } from "./auth-server.ts";

const TOKENS = 50;
const here = (name: string): string => join(import.meta.dirname, name);

export async function measureRequests(
  server: AuthServer,
  options: { folder: string; redisUrl: string; rounds: number; drive: Drive },
): Promise<Measured[]> {
  const file = join(options.folder, "access-tokens.json");
  const tokens = [];
  for (let i = 0; i < TOKENS; i++) tokens.push((await server.signUp(`requests${i}@example.com`)).accessToken);
  await writeFile(file, JSON.stringify(tokens));
  const entrants: { name: string; api: Child; load: Child; rounds: Measured["rounds"]; before: Usage }[] = [];
  for (const [how, name] of [
    ["feed", "guard, feed on"],
    ["no-feed", "guard, no feed"],
    ["denylist", "jsonwebtoken and a Redis GET"],
    ["open", "no guard"],
  ] as const) {
    const port = await freePort();
    const env = {
      ISSUER: server.issuer,
      CLIENT_ID: server.credentials.clientId,
      CLIENT_SECRET: server.credentials.clientSecret,
      REDIS_URL: options.redisUrl,
      NODE_ENV: "production",
    };
    const api = startChild(["--expose-gc", "--import", here("../refresh/answer-usage.ts"), here("api.ts"), how, String(port)], { env });
    await untilAnswered(`http://127.0.0.1:${port}/`);
    const load = startChild([here("request-load.ts"), `http://127.0.0.1:${port}/`, file]);
    await load.ask<Driven>(options.drive);
    entrants.push({ name, api, load, rounds: [], before: await api.ask<Usage>({ collectGarbage: true }) });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const { api, load, rounds } = entrants[(i + round) % entrants.length]!;
      const before = await api.ask<Usage>({});
      const { refreshes: requests, seconds, p50, p99 } = await load.ask<Driven>(options.drive);
      const after = await api.ask<Usage>({});
      const cpu = (after.cpuMicroseconds - before.cpuMicroseconds) / requests;
      rounds.push({ perSecond: requests / seconds, unavailable: 0, p50, p99, cpu });
    }
  }
  const measured = [];
  for (const { name, api, load, rounds, before } of entrants) {
    measured.push({ name, rounds, before, after: await api.ask<Usage>({ collectGarbage: true }) });
    await Promise.all([api.stop(), load.stop()]);
  }
  return measured;
}
