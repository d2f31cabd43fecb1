import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { openPostgres } from "./open-postgres.ts";
import { readPostgresFacts } from "./read-facts.ts";

test("facts are read as they are, before and after the schema is made, and nothing is changed", async () => {
  const url = await makePostgresDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  const before = await readPostgresFacts(url, Date.now);
  expect(before).toMatchObject({ engine: "postgres", synchronousCommit: "on", writable: true, seesStandbys: true, standbys: [] });
  expect(before.migrations).toMatchObject({ pending: expect.arrayContaining(["001-first"]) as string[], unknown: [] });
  expect(Math.abs(before.clockDifferenceMs)).toBeLessThan(1000);
  expect((await client.query("select from pg_tables where schemaname = 'public'")).rowCount).toBe(0);

  await (await openPostgres(url)).close();
  await client.query("insert into kysely_migration (name, timestamp) values ('999-later', '')");
  const database = new URL(url).pathname.slice(1);
  await client.query(`alter database ${database} set synchronous_commit = off`);
  const hourAhead = (): number => Date.now() + 3_600_000;
  const after = await readPostgresFacts(url, hourAhead);
  expect(after).toMatchObject({ synchronousCommit: "off", migrations: { pending: [], unknown: ["999-later"] } });
  expect(after.clockDifferenceMs).toBeLessThan(-3_500_000);
});

test("a database that does not answer is one clear sentence", async () => {
  await expect(readPostgresFacts("postgres://ada:hunter2@127.0.0.1:1/none", Date.now)).rejects.toThrow(
    /^The Postgres database at 127\.0\.0\.1:1\/none cannot be used \(.*ECONNREFUSED.*\): check OSTIARY_DATABASE_URL\.$/,
  );
});
