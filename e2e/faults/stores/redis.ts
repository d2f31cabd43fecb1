import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "redis";
import { startRedisCluster } from "../../../packages/server/test/redis-cluster.ts";
import { redisBinary } from "../../../packages/server/test/redis-server.ts";
import { freePort, launch, temporaryFolder, until } from "../../launch.ts";
import type { Launched } from "../../launch.ts";
import type { FaultStore, Outage, ReplicatedDatabase } from "./fault-store.ts";

const LOOK_EVERY_MS = 50;
/** A cluster notices after a second that a primary is gone, and then agrees on another. */
const FAILS_OVER_WITHIN_MS = 30_000;

/** A Redis of our own beside a database. Either is taken away in turn. */
export async function startRedisFaultStore(startDatabases: () => Promise<FaultStore>): Promise<FaultStore> {
  const databases = await startDatabases();
  const { url, outages, close } = await startRedis();
  return {
    async newDatabase() {
      const database = await databases.newDatabase();
      return {
        env: { ...database.env, OSTIARY_REDIS_URL: url },
        outages: { ...database.outages, ...outages },
      };
    },
    newReplicated: () => startClusterBeside(databases),
    async close() {
      await close();
      await databases.close();
    },
  };
}

interface OwnRedis {
  readonly url: string;
  readonly outages: Readonly<Record<string, Outage>>;
  close(): Promise<void>;
}

async function startRedis(): Promise<OwnRedis> {
  const [port, folder] = [await freePort(), temporaryFolder()];
  const url = `redis://127.0.0.1:${port}`;
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
  let redis: Launched;
  const start = async (): Promise<void> => {
    redis = launch(redisBinary() ?? "", options);
    await until("Redis answers", () => answers(url));
  };
  await start();
  return {
    url,
    outages: {
      "Redis frozen": {
        begin: async () => redis.signal("SIGSTOP"),
        async end() {
          redis.signal("SIGCONT");
          await until("Redis answers", () => answers(url));
        },
      },
      "Redis killed": {
        async begin() {
          redis.signal("SIGKILL");
          await redis.ended;
        },
        end: start,
      },
    },
    async close() {
      redis.signal("SIGKILL");
      await redis.ended;
    },
  };
}

/** A Redis Cluster, whose primaries are lost one after the other. The database stays. */
async function startClusterBeside(databases: FaultStore): Promise<ReplicatedDatabase> {
  const { env } = await databases.newDatabase();
  const cluster = await startRedisCluster();
  const { primaries, replicas } = cluster;
  let lost = 0;
  return {
    env: { ...env, OSTIARY_REDIS_URL: [...primaries, ...replicas].map(({ url }) => url).join(",") },
    outages: {},
    async cutOffCopy() {
      // It is thrown out, and nobody lets it in again.
      await command(replicas[lost]?.url, ["CONFIG", "SET", "masteruser", "nobody", "masterauth", "nothing"]);
      await command(primaries[lost]?.url, ["CLIENT", "KILL", "TYPE", "replica"]);
    },
    async failOver() {
      await primaries[lost]?.stop();
      const deadline = performance.now() + FAILS_OVER_WITHIN_MS;
      while (!/^role:master/m.test(await command(replicas[lost]?.url, ["INFO", "replication"]))) {
        if (performance.now() > deadline) throw new Error("The replica did not take over.");
        await pause(LOOK_EVERY_MS);
      }
      lost++;
    },
    async renewCopy() {
      if (lost === primaries.length) throw new Error("Every primary that had a replica is lost.");
    },
    close: cluster.close,
  };
}

async function command(url = "", words: readonly string[]): Promise<string> {
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  try {
    return String(await client.sendCommand([...words]));
  } finally {
    client.destroy();
  }
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false, connectTimeout: 1000 } });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}
