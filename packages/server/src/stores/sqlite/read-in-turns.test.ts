import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { Kysely, sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFile } from "../../../test/test-server.ts";
import { builtOnce } from "../sql/built-once.ts";
import type { Database } from "../sql/schema.ts";
import { nodeSqliteDialect } from "./node-sqlite-dialect.ts";
import { openSqlite } from "./open-sqlite.ts";

/** Clients of whom only the name matters, and how often each statement was run on the one connection. */
function open(path = temporaryFile()) {
  const database = new DatabaseSync(path);
  onTestFinished(() => void (database.isOpen && database.close()));
  database.exec("PRAGMA journal_mode = WAL; create table if not exists clients (id text primary key, name text)");
  const runs: string[] = [];
  const once = { failing: "" };
  const prepare = database.prepare.bind(database);
  database.prepare = (text) => {
    const statement = prepare(text);
    for (const way of ["all", "run"] as const) {
      const carryOut = statement[way].bind(statement) as (...values: unknown[]) => never;
      statement[way] = (...values: unknown[]) => {
        runs.push(text);
        if (text !== once.failing) return carryOut(...values);
        once.failing = "";
        throw new Error("out of memory");
      };
    }
    return statement;
  };
  const db = new Kysely<Database>({ dialect: nodeSqliteDialect(database) });
  const find = async (id: string): Promise<string | undefined> => (await readClient(db, id)).rows[0]?.name;
  const add = (on: Kysely<Database>, id: string, name: string) => on.insertInto("clients").values({ id, name } as never).execute();
  return { database, db, runs, once, find, add };
}

const readClient = builtOnce((db) => db.selectFrom("clients").select(["id", "name"]).where("id", "=", ""));

it("what is asked for in one turn is read in one transaction; what is asked for alone, in none", async () => {
  const { db, runs, find, add } = open();
  await add(db, "a", "Ada");
  await add(db, "b", "Bob");
  runs.length = 0;
  expect(await Promise.all(["a", "b", "c"].map(find))).toEqual(["Ada", "Bob", undefined]);
  expect(runs.map((text) => text.split(" ")[0])).toEqual(["begin", "select", "select", "select", "commit"]);
  runs.length = 0;
  expect(await find("b")).toBe("Bob");
  expect(runs.map((text) => text.split(" ")[0])).toEqual(["select"]);
});

it("a read is begun after it was asked for: what was committed before, by whomever, is seen", async () => {
  const path = temporaryFile();
  const { db, find, add } = open(path);
  const other = open(path);
  await add(db, "a", "Ada");
  expect(await find("a")).toBe("Ada");
  const earlier = find("a");
  other.database.exec("update clients set name = 'Augusta'");
  expect(await find("a")).toBe("Augusta");
  expect(await earlier).toBe("Augusta");
});

it("what a transaction has not committed is seen by itself alone, also by who asked in the turn in which it began", async () => {
  const { db, find, add } = open();
  const mayEnd = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const before = find("a");
  const undone = db.connection().execute(async (connection) => {
    await sql`begin`.execute(connection);
    await add(connection, "a", "Ada");
    expect((await readClient(connection, "a")).rows).toHaveLength(1);
    written.resolve();
    await mayEnd.promise;
    await sql`rollback`.execute(connection);
  });
  await written.promise;
  const during = find("a");
  await turn();
  mayEnd.resolve();
  expect(await Promise.all([before, during])).toEqual([undefined, undefined]);
  await undone;
});

it("one that fails leaves the others theirs, and a database that is closed is a store that does not answer", async () => {
  const { database, db, find, add } = open();
  await add(db, "a", "Ada");
  const readNothing = builtOnce((on) => on.selectFrom("no_such_table" as "clients").select("id").where("id", "=", ""));
  const [failed, found] = await Promise.allSettled([readNothing(db, "a"), find("a")]);
  expect(failed).toMatchObject({ status: "rejected" });
  expect(found).toEqual({ status: "fulfilled", value: "Ada" });
  database.close();
  const refused = await Promise.allSettled([find("a"), find("b")]);
  for (const one of refused) expect(one).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
});

it("a transaction that could not be ended is left: what comes after has its own, and sees what others have written", async () => {
  const path = temporaryFile();
  const { database, db, once, find, add } = open(path);
  await add(db, "a", "Ada");
  once.failing = "commit";
  expect(await Promise.all([find("a"), find("b")])).toEqual(["Ada", undefined]);
  expect(database.isTransaction).toBe(false);
  open(path).database.exec("update clients set name = 'Augusta'");
  expect(await Promise.all([find("a"), find("b")])).toEqual(["Augusta", undefined]);
});

it("what was asked for before the store was closed is answered", async () => {
  const store = await openSqlite(temporaryFile());
  const before = store.users.find("nobody");
  await store.close();
  expect(await before).toBeNull();
  await expect(store.users.find("nobody")).rejects.toMatchObject({ code: "unavailable" });
});
