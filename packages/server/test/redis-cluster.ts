/** A Redis Cluster on loopback: three primaries, and a replica of each. */
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { startRedisServer } from "./redis-server.ts";
import type { RedisServer } from "./redis-server.ts";

const PRIMARIES = 3;
const SLOTS = 16_384;
const FORMS_WITHIN_MS = 30_000;
const OPTIONS = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--appendonly", "yes"];

export interface RedisCluster {
  /** The primaries, by the slots they began with. */
  readonly primaries: readonly RedisServer[];
  /** The replica of each, in the same order. */
  readonly replicas: readonly RedisServer[];
  close(): Promise<void>;
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const servers = await Promise.all(Array.from({ length: 2 * PRIMARIES }, () => startRedisServer(OPTIONS)));
  const close = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.stop())));
  const nodes = await Promise.all(servers.map(({ url }) => createClient({ url }).connect()));
  try {
    const perPrimary = Math.ceil(SLOTS / PRIMARIES);
    for (const [i, node] of nodes.slice(0, PRIMARIES).entries()) {
      await node.clusterAddSlotsRange({ start: i * perPrimary, end: Math.min((i + 1) * perPrimary, SLOTS) - 1 });
    }
    for (const { port } of servers.slice(1)) await nodes[0]?.clusterMeet("127.0.0.1", port);
    await eventually(async () => {
      const known = await Promise.all(nodes.map(async (node) => (await node.clusterNodes()).trim().split("\n").length));
      return known.every((count) => count === nodes.length);
    });
    const ids = await Promise.all(nodes.slice(0, PRIMARIES).map((node) => node.clusterMyId()));
    for (const [i, node] of nodes.slice(PRIMARIES).entries()) await node.clusterReplicate(ids[i] ?? "");
    await eventually(async () => {
      const infos = await Promise.all(nodes.map((node) => node.clusterInfo()));
      const links = await Promise.all(nodes.slice(PRIMARIES).map((node) => node.info("replication")));
      return infos.every((info) => /cluster_state:ok/.test(info)) && links.every((link) => /link_status:up/.test(link));
    });
  } catch (error) {
    await close();
    throw error;
  } finally {
    for (const node of nodes) node.destroy();
  }
  return { primaries: servers.slice(0, PRIMARIES), replicas: servers.slice(PRIMARIES), close };
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + FORMS_WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("The cluster did not form.");
    await sleep(50);
  }
}
