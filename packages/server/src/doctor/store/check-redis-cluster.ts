import type { RedisFacts } from "../../stores/redis/read-facts.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

export function checkRedisCluster({ cluster, servers }: RedisFacts): Finding[] {
  if (cluster === null) return [];
  const alone = servers.filter(({ replicas }) => replicas === 0).map(({ address }) => address);
  return [
    cluster.isWhole
      ? ok("redis.cluster", "The cluster is whole: every slot is served.")
      : error(
          "redis.cluster",
          "The cluster is not whole: sessions of some slots are answered 503.",
          "see CLUSTER INFO and CLUSTER NODES, and bring the missing nodes back",
        ),
    ...(cluster.missing.length > 0
      ? [
          warning(
            "redis.cluster_nodes",
            `The cluster misses ${cluster.missing.join(", ")}.`,
            "bring them back, or CLUSTER FORGET them",
          ),
        ]
      : []),
    ...(alone.length > 0
      ? [warning("redis.replicas", `Nothing takes the place of ${alone.join(", ")}.`, "give each primary a replica")]
      : []),
  ];
}
