/** Empty databases for one run, and how many rows get into them quickly. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { join } from "node:path";
import pg from "pg";
import { startPostgresServer } from "../../packages/server/test/postgres-server.ts";
import { startRedisServer } from "../../packages/server/test/redis-server.ts";

type DatabaseName = "sqlite" | "postgres";
/** With `+redis`, rotations are there. */
export type StoreName = DatabaseName | `${DatabaseName}+redis`;

export interface Databases {
  /** Makes an empty database and tells its URL, in the form of `OSTIARY_DATABASE_URL`. */
  make(name: string): Promise<string>;
  /** What a database of this kind says it is. */
  readonly version: string;
  /** Beside every one of them. */
  readonly redisUrl?: string;
  close(): Promise<void>;
}

export type Row = Readonly<Record<string, SQLInputValue>>;

export async function openDatabases(store: StoreName, folder: string, postgresUrl: string | undefined): Promise<Databases> {
  const databases = store.startsWith("sqlite") ? sqliteIn(folder) : await postgresAt(postgresUrl);
  return store.endsWith("+redis") ? besideRedis(databases) : databases;
}

async function besideRedis(databases: Databases): Promise<Databases> {
  const redis = await startRedisServer(["--appendonly", "yes", "--appendfsync", "everysec"]);
  return {
    ...databases,
    version: `${databases.version}; Redis, appendfsync everysec`,
    redisUrl: redis.url,
    async close() {
      await redis.stop();
      await databases.close();
    },
  };
}

function sqliteIn(folder: string): Databases {
  const version = `SQLite ${process.versions.sqlite}, journal_mode=WAL, synchronous=FULL`;
  return { version, make: async (name) => `sqlite:${join(folder, `${name}.db`)}`, close: async () => {} };
}

/** A server that is given, or one of our own, durable as it comes. */
async function postgresAt(given: string | undefined): Promise<Databases> {
  const own = given === undefined ? await startPostgresServer() : null;
  const server = new URL(given ?? own?.url ?? "");
  const made: string[] = [];
  const version = await onServer(server.href, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return `PostgreSQL ${rows[0]?.server_version}, synchronous_commit=on`;
  });
  const urlOf = (name: string): string => Object.assign(new URL(server), { pathname: `/${name}` }).href;
  return {
    version,
    async make(name) {
      const database = `ostiary_bench_${name.replaceAll(/\W/g, "_")}`;
      await onServer(server.href, (client) => client.query(`drop database if exists ${database} with (force)`));
      await onServer(server.href, (client) => client.query(`create database ${database}`));
      made.push(database);
      return urlOf(database);
    },
    async close() {
      for (const name of made) {
        await onServer(server.href, (client) => client.query(`drop database if exists ${name} with (force)`));
      }
      await own?.stop();
    },
  };
}

const BATCH = 5000;

/** Inserts `count` rows, and lets the planner know of them. */
export async function insertRows(url: string, table: string, count: number, rowOf: (i: number) => Row): Promise<void> {
  const columns = Object.keys(rowOf(0));
  const into = `insert into ${table} (${columns.join(", ")})`;
  if (url.startsWith("sqlite:")) {
    const database = new DatabaseSync(url.slice("sqlite:".length));
    const insert = database.prepare(`${into} values (${columns.map(() => "?").join(", ")})`);
    database.exec("begin");
    for (let i = 0; i < count; i++) insert.run(...Object.values(rowOf(i)));
    database.exec("commit");
    database.close();
    return;
  }
  await onServer(url, async (client) => {
    for (let from = 0; from < count; from += BATCH) {
      const rows = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => JSON.stringify(rowOf(from + i), asJson));
      const source = `jsonb_populate_recordset(null::${table}, $1::jsonb)`;
      await client.query(`${into} select ${columns.join(", ")} from ${source}`, [`[${rows.join(",")}]`]);
    }
    await client.query(`vacuum analyze ${table}`);
    await client.query("checkpoint");
  });
}

/** Bytes as Postgres writes them in text. */
function asJson(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const bytes = this[key];
  return bytes instanceof Uint8Array ? `\\x${Buffer.from(bytes).toString("hex")}` : value;
}

async function onServer<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
