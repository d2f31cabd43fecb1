import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** Makes an empty database on the run's Postgres and tells its URL. */
export async function makePostgresDatabase(): Promise<string> {
  const server = inject("postgresUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
