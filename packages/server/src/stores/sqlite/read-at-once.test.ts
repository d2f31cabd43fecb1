import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { Kysely } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { builtOnce } from "../sql/built-once.ts";
import type { Database } from "../sql/schema.ts";
import { nodeSqliteDialect } from "./node-sqlite-dialect.ts";

/** Clients of whom only the name matters. */
function open() {
  const database = new DatabaseSync(":memory:");
  onTestFinished(() => void (database.isOpen && database.close()));
  database.exec("create table clients (id text primary key, name text)");
  const db = new Kysely<Database>({ dialect: nodeSqliteDialect(database) });
  const find = async (id: string, on: Kysely<Database> = db) => (await readClient(on, id)).rows[0]?.name;
  const add = (on: Kysely<Database>, id: string, name: string) => on.insertInto("clients").values({ id, name } as never).execute();
  return { database, db, find, add };
}

const readClient = builtOnce((db) => db.selectFrom("clients").select(["id", "name"]).where("id", "=", ""));

it("what transactions have not committed is seen by themselves alone, also where they wait for one another", async () => {
  const { db, find, add } = open();
  const mayEnd = Promise.withResolvers<void>();
  const written: Promise<void>[] = [];
  const undone = ["a", "b"].map((id) => {
    const writing = Promise.withResolvers<void>();
    written.push(writing.promise);
    return db.transaction().execute(async (transaction) => {
      await add(transaction, id, "Ada");
      expect(await find(id, transaction)).toBe("Ada");
      writing.resolve();
      if (id === "b") await mayEnd.promise;
      throw new Error("Undone.");
    });
  });
  const ended = Promise.allSettled(undone);
  await Promise.all(written);
  const during = find("b");
  await turn();
  mayEnd.resolve();
  expect(await during).toBeUndefined();
  expect(await ended).toEqual([expect.objectContaining({ status: "rejected" }), expect.objectContaining({ status: "rejected" })]);
  expect(await find("a")).toBeUndefined();
});

it("a database that is closed is a store that does not answer", async () => {
  const { database, db, find, add } = open();
  await add(db, "a", "Ada");
  expect(await find("a")).toBe("Ada");
  database.close();
  await expect(find("a")).rejects.toMatchObject({ code: "unavailable" });
});
