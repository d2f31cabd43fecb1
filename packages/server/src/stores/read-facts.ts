import { existsSync } from "node:fs";
import { StartError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import type { PostgresFacts } from "./postgres/read-facts.ts";
import type { RedisFacts } from "./redis/read-facts.ts";
import type { SqliteFacts } from "./sqlite/read-facts.ts";

/** How a database is set up, read without changing anything: it is neither made nor migrated. Throws a StartError. */
export async function readDatabaseFacts(url: string, clock: Clock): Promise<SqliteFacts | PostgresFacts> {
  if (!url.startsWith("sqlite:")) return (await import("./postgres/read-facts.ts")).readPostgresFacts(url, clock);
  const path = url.slice("sqlite:".length);
  if (!existsSync(path)) {
    throw new StartError(`There is no database at ${path} (no such file): start the server once, or name another.`);
  }
  return (await import("./sqlite/read-facts.ts")).readSqliteFacts(path);
}

/** How a Redis, or every primary of a cluster, is set up. Throws a StartError. */
export async function readRedisFacts(url: string): Promise<RedisFacts> {
  return (await import("./redis/read-facts.ts")).readRedisFacts(url);
}
