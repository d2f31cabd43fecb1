import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, inject } from "vitest";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { storeConformance } from "../conformance/store-conformance.ts";

let folder: string | undefined;
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
});

storeConformance("Redis beside SQLite", async () => {
  folder = await mkdtemp(join(tmpdir(), "ostiary-store-"));
  return { databaseUrl: `sqlite:${join(folder, "ostiary.db")}`, redisUrl: inject("redisUrl") };
});

storeConformance("Redis beside Postgres", async () => ({
  databaseUrl: await makePostgresDatabase(),
  redisUrl: inject("redisUrl"),
}));
