import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { storeConformance } from "../conformance/store-conformance.ts";

let folder: string | undefined;
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
});

storeConformance("SQLite", async () => {
  folder = await mkdtemp(join(tmpdir(), "ostiary-store-"));
  return { databaseUrl: `sqlite:${join(folder, "ostiary.db")}` };
});
