/** The server and the floor, each a process on a database of its own with the same sessions, and its load generator. */
import { generateKey } from "@ostiary/jwt";
import { writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import pg from "pg";
import { createClient } from "redis";
import { createRefreshTokens } from "../../../packages/server/src/sessions/refresh-token.ts";
import { keyOf, stateOf } from "../../../packages/server/src/stores/redis/session-state.ts";
import { type Child, freePort, MEASURED, startChild, untilAnswered } from "../../processes/child.ts";
import type { Contender } from "../../processes/take-turns.ts";
import { type Databases, insertRows } from "../../databases/databases.ts";
import { insertSessions, insertUsers, makeKeys, SECRET } from "../../databases/seed-server.ts";
import { FLOOR_TABLE, floorKey } from "../../floors/swap.ts";
import type { FloorOptions } from "./floor.ts";
import { seededSession, seededUser, spread, userCount } from "../../databases/seed.ts";

export interface Field {
  readonly databases: Databases;
  readonly folder: string;
  readonly sessions: number;
  /** Flags for the server's Node, such as --cpu-prof. */
  readonly nodeFlags: readonly string[];
}

/** How many of the sessions are refreshed, in turn: enough that each is refreshed about once a round. */
const REFRESHED = 20_000;
const REDIS_BATCH = 5000;
const MAIN = join(import.meta.dirname, "../../../packages/server/src/cli/main.ts");
const here = (name: string): string => join(import.meta.dirname, name);

export async function startContenders({ databases, folder, sessions, nodeFlags }: Field): Promise<Contender[]> {
  const now = Date.now();
  const [port, floorPort] = [await freePort(), await freePort()];
  const issuer = `http://127.0.0.1:${port}/auth`;
  const [url, floorUrl] = [await databases.make(`ostiary-${sessions}`), await databases.make(`floor-${sessions}`)];
  const { tokens, refreshSecret } = await seedServer(url, issuer, sessions, now);
  const { redisUrl } = databases;
  if (redisUrl === undefined) await seedFloor(floorUrl, sessions, now);
  else await seedRedis(redisUrl, sessions, now);
  const file = join(folder, `tokens-${sessions}.json`);
  await writeFile(file, JSON.stringify(tokens));

  const env = {
    OSTIARY_PORT: String(port),
    OSTIARY_ISSUER: issuer,
    OSTIARY_DATABASE_URL: url,
    OSTIARY_DATA_DIR: folder,
    OSTIARY_SECRET: SECRET,
    ...(redisUrl === undefined ? {} : { OSTIARY_REDIS_URL: redisUrl }),
  };
  // It tells of every answer that is 503; they are counted.
  const server = startChild([...MEASURED, ...nodeFlags, MAIN, "start"], { env, cwd: folder, quiet: true });
  const options: FloorOptions = { url: redisUrl ?? floorUrl, port: floorPort, issuer, refreshSecret };
  const accessKey = JSON.stringify(generateKey("ES256").privateJwk());
  const floor = startChild([...MEASURED, here("floor.ts"), JSON.stringify(options), accessKey]);
  const contender = async (name: string, child: Child, at: string): Promise<Contender> => {
    await untilAnswered(at);
    return { name, server: child, load: startChild([here("load.ts"), at, file]) };
  };
  return [await contender("ostiary", server, `${issuer}/refresh`), await contender("floor", floor, `http://127.0.0.1:${floorPort}/`)];
}

async function seedServer(url: string, issuer: string, count: number, now: number): Promise<{ tokens: string[]; refreshSecret: string }> {
  const keyring = await makeKeys(url);
  const sessionOf = (i: number) => seededSession(i, count, keyring.refreshKeyId, now);
  await insertUsers(url, userCount(count), seededUser);
  await insertSessions(url, count, sessionOf);
  const refreshTokens = createRefreshTokens(keyring, issuer);
  return {
    tokens: spread(count, REFRESHED).map((i) => refreshTokens.issue(sessionOf(i))),
    refreshSecret: keyring.refreshKey.privateJwk().k ?? "",
  };
}

async function seedFloor(url: string, count: number, now: number): Promise<void> {
  if (url.startsWith("sqlite:")) {
    const database = new DatabaseSync(url.slice("sqlite:".length));
    database.exec(`PRAGMA journal_mode = WAL; ${FLOOR_TABLE("blob")}`);
    database.close();
  } else {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(FLOOR_TABLE("bytea"));
    await client.end();
  }
  await insertRows(url, "floor_sessions", count, (i) => {
    const { id, userId, secret, generation, rotatedAt } = seededSession(i, count, "", now);
    return { id, user_id: userId, secret, generation, rotated_at: rotatedAt };
  });
}

/** As if every session had rotated in Redis before, the server's and the floor's. */
async function seedRedis(url: string, count: number, now: number): Promise<void> {
  const client = await createClient({ url }).connect();
  for (let from = 0; from < count; from += REDIS_BATCH) {
    const some = Array.from({ length: Math.min(REDIS_BATCH, count - from) }, (_, i) => seededSession(from + i, count, "", now));
    await Promise.all(
      some.map(async (session) => {
        const { id, userId, secret, generation, rotatedAt } = session;
        await client.set(keyOf(id), stateOf(session));
        const row = { user_id: userId, secret: Buffer.from(secret).toString("base64"), generation, rotated_at: rotatedAt };
        await client.hSet(floorKey(id), row);
      }),
    );
  }
  client.destroy();
}
