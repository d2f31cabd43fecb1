/** The store: whether it answers, is migrated, and keeps what it has acknowledged. One file a question. */
import type { Settings } from "../../config-schema.ts";
import { StartError } from "../../errors.ts";
import { readDatabaseFacts, readRedisFacts } from "../../stores/read-facts.ts";
import { error, ok } from "../finding.ts";
import type { Finding } from "../finding.ts";
import { checkClock } from "./check-clock.ts";
import { checkKeyRing } from "./check-key-ring.ts";
import { checkMigrations } from "./check-migrations.ts";
import { checkPostgresDurability } from "./check-postgres-durability.ts";
import { checkPostgresStandbys } from "./check-postgres-standbys.ts";
import { checkRedisCluster } from "./check-redis-cluster.ts";
import { checkRedisDurability } from "./check-redis-durability.ts";
import { checkSqlite } from "./check-sqlite.ts";

export async function examineStore(settings: Settings): Promise<Finding[]> {
  const { databaseUrl, redisUrl, clock } = settings;
  const [database, redis] = await Promise.all([
    reached("database.reachable", "The database answers.", async () => {
      const facts = await readDatabaseFacts(databaseUrl, clock);
      const own =
        facts.engine === "sqlite" ? checkSqlite(facts) : [...checkPostgresDurability(facts), ...checkPostgresStandbys(facts)];
      return [
        ...checkMigrations(facts.migrations),
        ...checkKeyRing(settings, facts.ring),
        ...own,
        ...checkClock(facts.clockDifferenceMs),
      ];
    }),
    redisUrl === undefined
      ? []
      : reached("redis.reachable", "Redis answers.", async () => {
          const facts = await readRedisFacts(redisUrl);
          return [...facts.servers.flatMap(checkRedisDurability), ...checkRedisCluster(facts)];
        }),
  ]);
  return [...database, ...redis];
}

/** What is found once it answers; or that it does not. */
async function reached(id: string, message: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    const found = await look();
    return [ok(id, message), ...found];
  } catch (failure) {
    if (!(failure instanceof StartError)) throw failure;
    const [, what = failure.message, mend = "see what it logs"] = /^(.*?\)): (.*?)\.?$/.exec(failure.message) ?? [];
    return [error(id, what.endsWith(".") ? what : `${what}.`, mend)];
  }
}
