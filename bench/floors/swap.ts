import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { createClient } from "redis";

export interface SwappedRow {
  readonly user_id: string;
  readonly secret: Uint8Array;
}

/** Raises the generation if it is the one presented, and gives what tokens are made from; null if it is not. */
export type Swap = (id: string, generation: number, now: number) => Promise<SwappedRow | null>;

export const FLOOR_TABLE = (bytes: "blob" | "bytea"): string => `
  create table floor_sessions (
    id text primary key, user_id text not null, secret ${bytes} not null, generation bigint not null, rotated_at bigint not null
  )`;

const SWAP = "update floor_sessions set generation = generation + 1, rotated_at = ? where id = ? and generation = ? returning user_id, secret";

export async function openSwap(url: string): Promise<Swap> {
  if (url.startsWith("redis:")) return redisSwap(url);
  return url.startsWith("sqlite:") ? sqliteSwap(url.slice("sqlite:".length)) : postgresSwap(url);
}

/** A session's key in the floor's Redis: a hash with the columns of the table. */
export function floorKey(id: string): string {
  return `floor:session:${id}`;
}

const SWAP_IN_REDIS = `
  if redis.call("HGET", KEYS[1], "generation") ~= ARGV[1] then return nil end
  redis.call("HSET", KEYS[1], "generation", ARGV[1] + 1, "rotated_at", ARGV[2])
  return redis.call("HMGET", KEYS[1], "user_id", "secret")`;

async function redisSwap(url: string): Promise<Swap> {
  const client = createClient({ url });
  await client.connect();
  const script = await client.scriptLoad(SWAP_IN_REDIS);
  return async (id, generation, now) => {
    const found = await client.evalSha(script, { keys: [floorKey(id)], arguments: [String(generation), String(now)] });
    const [user_id = "", secret = ""] = (found ?? []) as string[];
    return found === null ? null : { user_id, secret: Buffer.from(secret, "base64") };
  };
}

/** As durable as the server's: what came in one turn of the event loop shares a commit. */
function sqliteSwap(path: string): Swap {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  const [swap, begin, commit] = [database.prepare(SWAP), database.prepare("begin immediate"), database.prepare("commit")];
  let waiting: { values: [number, string, number]; resolve: (row: SwappedRow | null) => void }[] = [];
  const commitGroup = (): void => {
    const group = waiting;
    waiting = [];
    begin.run();
    const rows = group.map(({ values }) => (swap.get(...values) as SwappedRow | undefined) ?? null);
    commit.run();
    group.forEach(({ resolve }, i) => resolve(rows[i] ?? null));
  };
  return (id, generation, now) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(commitGroup);
      waiting.push({ values: [now, id, generation], resolve });
    });
}

function postgresSwap(url: string): Swap {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  let n = 0;
  const text = SWAP.replaceAll("?", () => `$${++n}`);
  return async (id, generation, now) => {
    const { rows } = await pool.query<SwappedRow>({ name: "swap", text, values: [now, id, generation] });
    return rows[0] ?? null;
  };
}
