import pg from "pg";
import { describe, expect, it } from "vitest";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { expectUpgraded } from "../../../test/upgrade/expect-upgraded.ts";
import { keptDatabases } from "../../../test/upgrade/kept.ts";
import { openPostgres } from "./open-postgres.ts";

async function withStatements(url: string, statements: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statements);
  await client.end();
  return url;
}

describe("a database that an earlier version left behind", () => {
  const databases = keptDatabases("postgres");
  it("is there", () => expect(databases).not.toHaveLength(0));

  it.each(databases)("$name: whoever was signed in still is, and what was ended stays ended", async ({ sql, kept }) => {
    await expectUpgraded(await withStatements(await makePostgresDatabase(), sql), kept);
  });
});

it("a database of a later version is refused, with what to do, and left as it is", async () => {
  const url = await makePostgresDatabase();
  await (await openPostgres(url)).close();
  await withStatements(url, "insert into kysely_migration (name, timestamp) values ('999-later', '2030-01-01')");
  const opening = openPostgres(url);
  await expect(opening).rejects.toMatchObject({ name: "StartError" });
  await expect(opening).rejects.toThrow(/newer version of Ostiary, which added 999-later.*: run that version/);
});
