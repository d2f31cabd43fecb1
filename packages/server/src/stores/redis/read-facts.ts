import { createClient } from "redis";
import { inTime } from "../../in-time.ts";
import { unusable } from "./open-redis.ts";

export interface RedisFacts {
  /** Null for a server that is no part of one. */
  readonly cluster: ClusterFacts | null;
  /** Whoever takes writes. */
  readonly servers: readonly RedisServerFacts[];
}

interface ClusterFacts {
  /** Whether every slot is served. */
  readonly isWhole: boolean;
  /** Nodes that the others take for dead. */
  readonly missing: readonly string[];
}

export interface RedisServerFacts {
  readonly address: string;
  readonly replicas: number;
  /** Null if this user may not see them. */
  readonly settings: RedisSettings | null;
}

interface RedisSettings {
  readonly maxMemoryPolicy: string;
  readonly appendOnly: boolean;
  readonly appendFsync: string;
  readonly minReplicasToWrite: number;
}

const PATIENCE_MS = 5000;

type Client = Awaited<ReturnType<typeof connect>>;

export async function readRedisFacts(urls: string): Promise<RedisFacts> {
  const all = urls.split(",");
  const clients: Client[] = [];
  const open = async (url: string): Promise<Client> => {
    const client = await connect(url);
    clients.push(client);
    return client;
  };
  try {
    const first = await Promise.any(all.map(open)).catch((failure: unknown) => {
      throw failure instanceof AggregateError ? failure.errors[0] : failure;
    });
    return await inTime(PATIENCE_MS, "Redis", read(first, all[0] ?? "", open));
  } catch (error) {
    throw unusable(urls, error);
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function read(client: Client, url: string, open: (url: string) => Promise<Client>): Promise<RedisFacts> {
  if (!/^cluster_enabled:1/m.test(await client.info("cluster"))) {
    return { cluster: null, servers: [await readServer(client, new URL(url).host)] };
  }
  const nodes = (await client.clusterNodes()).trim().split("\n").map(toNode);
  const servers = nodes
    .filter(({ flags, slots }) => flags.includes("master") && !isDead(flags) && slots > 0)
    .map(async ({ address }) => readServer(await open(Object.assign(new URL(url), { host: address }).href), address));
  return {
    cluster: {
      isWhole: /^cluster_state:ok/m.test(await client.clusterInfo()),
      missing: nodes.filter(({ flags }) => isDead(flags)).map(({ address }) => address),
    },
    servers: await Promise.all(servers),
  };
}

async function readServer(client: Client, address: string): Promise<RedisServerFacts> {
  const replicas = Number(/^connected_slaves:(\d+)/m.exec(await client.info("replication"))?.[1] ?? 0);
  return { address, replicas, settings: await readSettings(client).catch(() => null) };
}

async function readSettings(client: Client): Promise<RedisSettings> {
  const settings = await client.configGet(["maxmemory-policy", "appendonly", "appendfsync", "min-replicas-to-write"]);
  return {
    maxMemoryPolicy: settings["maxmemory-policy"] ?? "",
    appendOnly: settings["appendonly"] === "yes",
    appendFsync: settings["appendfsync"] ?? "",
    minReplicasToWrite: Number(settings["min-replicas-to-write"] ?? 0),
  };
}

/** A line of CLUSTER NODES: id, address@bus,hostname, flags, primary, ping, pong, epoch, link, slots. */
function toNode(line: string): { address: string; flags: readonly string[]; slots: number } {
  const [, where = "", flags = "", , , , , , ...slots] = line.split(" ");
  return { address: where.split("@")[0] ?? "", flags: flags.split(","), slots: slots.length };
}

/** `fail?` is only one node's opinion. */
function isDead(flags: readonly string[]): boolean {
  return flags.includes("fail");
}

async function connect(url: string) {
  const client = createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: PATIENCE_MS, reconnectStrategy: false } });
  client.on("error", () => {});
  try {
    await inTime(PATIENCE_MS, "Redis", client.connect());
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
}
