import type { RedisServerFacts } from "../../stores/redis/read-facts.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** One primary. What it may lose never brings back what was ended; it costs theft detection, as docs/stores.md has it. */
export function checkRedisDurability({ address, settings, replicas }: RedisServerFacts): Finding[] {
  if (settings === null) {
    const message = `${address} does not tell its settings.`;
    return [
      warning(
        "redis.settings",
        message,
        "allow CONFIG GET to this user, or look at maxmemory-policy, appendonly and appendfsync yourself",
      ),
    ];
  }
  const { maxMemoryPolicy, appendOnly, appendFsync, minReplicasToWrite } = settings;
  return [
    maxMemoryPolicy === "noeviction"
      ? ok("redis.eviction", `${address} refuses rather than forgets when it is full (noeviction).`)
      : error(
          "redis.eviction",
          `${address} forgets sessions' rotations when it is full (${maxMemoryPolicy}): an old token may then be used ` +
          "again unnoticed.",
          "set maxmemory-policy noeviction",
        ),
    appendOnly
      ? ok("redis.append_only", `${address} keeps a log of what it is told (appendonly).`)
      : error(
          "redis.append_only",
          `A restart of ${address} forgets the rotations since its last snapshot: an old token may then be used again unnoticed.`,
          "set appendonly yes",
        ),
    ...(appendOnly ? checkSync(address, appendFsync) : []),
    ...(replicas > 0 && minReplicasToWrite === 0
      ? [
          warning(
            "redis.min_replicas",
            `${address}, once cut off from its replicas, goes on taking rotations that a failover forgets.`,
            "set min-replicas-to-write 1",
          ),
        ]
      : []),
  ];
}

function checkSync(address: string, setting: string): Finding[] {
  const id = "redis.append_fsync";
  switch (setting) {
    case "always":
      return [ok(id, `${address} syncs each write (appendfsync always).`)];
    case "everysec":
      return [
        ok(id, `${address} loses a second of rotations in a power cut, and nothing when only it dies (appendfsync everysec).`),
      ];
    default:
      return [
        warning(
          id,
          `${address} leaves it to the system when its log reaches the disk (appendfsync ${setting}).`,
          "set appendfsync everysec",
        ),
      ];
  }
}
