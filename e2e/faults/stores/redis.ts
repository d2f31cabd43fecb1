import { setTimeout as pause } from "node:timers/promises";
import { askRedis } from "../../../packages/server/test/ask-redis.ts";
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
  const redis = await startRedis();
  return {
    async newDatabase() {
      const database = await databases.newDatabase();
      return {
        env: { ...database.env, OSTIARY_REDIS_URL: redis.url },
        outages: { ...database.outages, ...redis.outages },
      };
    },
    newReplicated: () => startClusterBeside(databases),
    async close() {
      await redis.close();
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
      await askRedis(replicas[lost]!.url, "CONFIG", "SET", "masteruser", "nobody", "masterauth", "nothing");
      await askRedis(primaries[lost]!.url, "CLIENT", "KILL", "TYPE", "replica");
    },
    async failOver() {
      await primaries[lost]?.stop();
      const deadline = performance.now() + FAILS_OVER_WITHIN_MS;
      while (!/^role:master/m.test((await askRedis(replicas[lost]!.url, "INFO", "replication")) ?? "")) {
        if (performance.now() > deadline) throw new Error("The replica did not take over.");
        await pause(LOOK_EVERY_MS);
      }
      lost++;
    },
    async renewCopy() {
      if (lost === primaries.length) throw new Error("Every primary that had a replica is lost.");
    },
    close: () => cluster.close(),
  };
}

async function answers(url: string): Promise<boolean> {
  return askRedis(url, "PING").then(
    (answer) => answer === "PONG",
    () => false,
  );
}
