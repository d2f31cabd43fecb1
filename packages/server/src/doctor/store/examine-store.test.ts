import { describe, expect, it } from "vitest";
import type { PostgresFacts } from "../../stores/postgres/read-facts.ts";
import type { RedisServerFacts } from "../../stores/redis/read-facts.ts";
import type { Finding } from "../finding.ts";
import { checkClock } from "./check-clock.ts";
import { checkMigrations } from "./check-migrations.ts";
import { checkPostgresDurability } from "./check-postgres-durability.ts";
import { checkPostgresStandbys } from "./check-postgres-standbys.ts";
import { checkRedisCluster } from "./check-redis-cluster.ts";
import { checkRedisDurability } from "./check-redis-durability.ts";
import { checkSqlite } from "./check-sqlite.ts";

/** What is not well, by level. */
function wrong(findings: readonly Finding[]): string[] {
  const bad = findings.filter(({ level }) => level !== "ok");
  for (const { mend } of bad) expect(mend).toBeTruthy();
  return bad.map(({ level, id }) => `${level} ${id}`);
}

const POSTGRES: PostgresFacts = {
  engine: "postgres",
  fsync: true,
  fullPageWrites: true,
  synchronousCommit: "on",
  synchronousStandbyNames: "",
  writable: true,
  seesStandbys: true,
  standbys: [],
  migrations: { pending: [], unknown: [] },
  ring: null,
  clockDifferenceMs: 0,
};
const SETTINGS = { maxMemoryPolicy: "noeviction", appendOnly: true, appendFsync: "everysec", minReplicasToWrite: 1 };
const REDIS: RedisServerFacts = { address: "redis:6379", replicas: 1, settings: SETTINGS };

describe("a store as it should be", () => {
  it("has nothing that is wrong with it", () => {
    expect(wrong(checkMigrations({ pending: [], unknown: [] }))).toEqual([]);
    expect(
      wrong(
        checkSqlite({
          engine: "sqlite",
          journalMode: "wal",
          synchronous: "full",
          mode: 0o600,
          migrations: POSTGRES.migrations,
          ring: null,
          clockDifferenceMs: null,
        }),
      ),
    ).toEqual([]);
    expect(wrong([...checkPostgresDurability(POSTGRES), ...checkPostgresStandbys(POSTGRES)])).toEqual([]);
    expect(wrong([...checkRedisDurability(REDIS), ...checkRedisCluster({ cluster: null, servers: [REDIS] })])).toEqual([]);
    expect(wrong([...checkClock(null), ...checkClock(-900)])).toEqual([]);
  });
});

describe("what would cost something that was acknowledged", () => {
  it.each<[Partial<PostgresFacts>, string]>([
    [{ fsync: false }, "error postgres.fsync"],
    [{ fullPageWrites: false }, "error postgres.full_page_writes"],
    [{ synchronousCommit: "off" }, "error postgres.synchronous_commit"],
    [{ synchronousCommit: "local" }, "warning postgres.synchronous_commit"],
    [{ synchronousCommit: "remote_write" }, "warning postgres.synchronous_commit"],
    [{ writable: false }, "error postgres.writable"],
  ])("Postgres: %o", (facts, expected) => {
    expect(wrong(checkPostgresDurability({ ...POSTGRES, ...facts }))).toEqual([expected]);
  });

  it.each<[string, string, string[], string[]]>([
    ["a standby that nothing waits for", "", ["async"], ["warning postgres.standbys"]],
    ["none of those that are waited for", "FIRST 1 (a)", [], ["error postgres.standbys"]],
    ["fewer than are waited for", "ANY 2 (a, b, c)", ["quorum", "async"], ["error postgres.standbys"]],
    ["as many as are waited for", "any 2 (a, b, c)", ["quorum", "quorum"], []],
    ["one, in the short form", "a, b", ["sync", "potential"], []],
  ])("Postgres with %s", (_, synchronousStandbyNames, states, expected) => {
    const standbys = states.map((syncState, i) => ({ name: "abc"[i] ?? "", syncState }));
    expect(wrong(checkPostgresStandbys({ ...POSTGRES, synchronousStandbyNames, standbys }))).toEqual(expected);
    expect(wrong(checkPostgresStandbys({ ...POSTGRES, seesStandbys: false }))).toEqual(["warning postgres.standbys"]);
  });

  it.each<[Partial<typeof SETTINGS>, string]>([
    [{ maxMemoryPolicy: "allkeys-lru" }, "error redis.eviction"],
    [{ maxMemoryPolicy: "volatile-ttl" }, "error redis.eviction"],
    [{ appendOnly: false }, "error redis.append_only"],
    [{ appendFsync: "no" }, "warning redis.append_fsync"],
    [{ minReplicasToWrite: 0 }, "warning redis.min_replicas"],
  ])("Redis: %o", (settings, expected) => {
    expect(wrong(checkRedisDurability({ ...REDIS, settings: { ...SETTINGS, ...settings } }))).toEqual([expected]);
  });

  it("a cluster that is not whole, misses nodes, or has primaries alone", () => {
    const servers = [{ ...REDIS, replicas: 0 }];
    const found = wrong(checkRedisCluster({ cluster: { isWhole: false, missing: ["redis:6380"] }, servers }));
    expect(found).toEqual(["error redis.cluster", "warning redis.cluster_nodes", "warning redis.replicas"]);
    expect(wrong(checkRedisDurability({ ...REDIS, settings: null }))).toEqual(["warning redis.settings"]);
  });

  it("an SQLite file that is not ours to trust", () => {
    const facts = {
      engine: "sqlite",
      journalMode: "delete",
      synchronous: "normal",
      mode: 0o644,
      ring: null,
      clockDifferenceMs: null,
    } as const;
    const found = wrong(checkSqlite({ ...facts, migrations: POSTGRES.migrations }));
    expect(found).toEqual(["error sqlite.journal", "error sqlite.synchronous", "warning sqlite.permissions"]);
  });

  it("a schema of another version, and clocks that disagree", () => {
    expect(wrong(checkMigrations({ pending: ["002"], unknown: [] }))).toEqual(["error database.migrations"]);
    expect(wrong(checkMigrations({ pending: [], unknown: ["999"] }))).toEqual(["error database.migrations"]);
    expect(wrong(checkClock(1500))).toEqual(["warning database.clock"]);
    expect(wrong(checkClock(-45_000))).toEqual(["error database.clock"]);
  });
});
