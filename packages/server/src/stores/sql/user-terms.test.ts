import { expect, onTestFinished, test } from "vitest";
import { DISABLED_TERM, roleTerm } from "../../users/search-terms.ts";
import { findUsers } from "../../users/find-users.ts";
import type { FoundUser } from "../../users/user-store.ts";
import { NOW, event, newUser, versionChange } from "../conformance/fixtures.ts";
import { openSqlite } from "../sqlite/open-sqlite.ts";
import type { SqlStore } from "./sql-store.ts";

/** More than one count looks at. */
const MANY = 1200;
/** What few of them are besides, also more than one count looks at. */
const SOME = 1050;

/** Everybody begins with p and is a user; some are helpers, a few disabled. */
async function storeOf(many: number, helpers: number, disabled: number): Promise<SqlStore> {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const all = Array.from({ length: many }, (_, i) =>
    newUser({
      email: `person${i}@example.com`,
      roles: i < helpers ? ["user", "helper"] : ["user"],
      disabledAt: i >= many - disabled ? NOW : null,
    }),
  );
  await store.users.createAll(all.map((user) => ({ user, audit: event("user_created", { userId: user.id }) })));
  return store;
}

function search({ users }: SqlStore, words: string[], exactly: string[], after: FoundUser | null = null): Promise<FoundUser[]> {
  const place = after === null ? null : { userId: after.user.id, term: after.term, along: after.along };
  return users.search({ words, exactly, after: place, limit: 2 });
}

test("a search reads along what fewest are found under, however short or long", async () => {
  const store = await storeOf(MANY, SOME, 3);
  const along = async (words: string[], exactly: string[]) => (await search(store, words, exactly)).map((found) => found.along);
  expect(await along(["p"], [DISABLED_TERM])).toEqual([DISABLED_TERM, DISABLED_TERM]);
  expect(await along(["example.com", "person7"], [roleTerm("user")])).toEqual(["person7", "person7"]);
  expect(await along(["person"], [roleTerm("user"), roleTerm("helper")])).toEqual([roleTerm("helper"), roleTerm("helper")]);
  expect(await along(["p"], [])).toEqual(["p", "p"]);
  expect(await along(["person", "zz"], [roleTerm("user")])).toEqual([]);
});

test("a search goes on along what it began with, though fewer are found under another by then", async () => {
  const store = await storeOf(12, 11, 5);
  const exactly = [roleTerm("helper"), DISABLED_TERM];
  const first = await search(store, ["p"], exactly);
  expect(first.map((found) => found.along)).toEqual([DISABLED_TERM, DISABLED_TERM]);
  // From now on four are helpers, and five are disabled.
  const helpers = (await store.users.search({ words: [], exactly: [roleTerm("helper")], after: null, limit: 50 })).map(({ user }) => user);
  const wanted = helpers.filter(({ disabledAt }) => disabledAt !== null).map(({ id }) => id).toSorted();
  const others = helpers.filter(({ disabledAt }) => disabledAt === null);
  for (const { id } of others) await store.users.setRoles(id, ["user"], versionChange("stale", id));
  const second = await search(store, ["p"], exactly, first.at(-1));
  expect([...first, ...second].map(({ user }) => user.id)).toEqual(wanted);
});

test("a cursor of another search begins nowhere", async () => {
  const store = await storeOf(12, 10, 4);
  const { next } = await findUsers({ store: store.users }, { text: "p", limit: 2 });
  const asked = findUsers({ store: store.users }, { text: "example", limit: 2, after: next! });
  await expect(asked).rejects.toMatchObject({ code: "invalid_request", field: "after" });
});
