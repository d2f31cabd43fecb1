import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { event, HASH, NOW, newSession, newUser, presenting, sessionRevocation, versionChange } from "../conformance/fixtures.ts";
import { storeConformance } from "../conformance/store-conformance.ts";
import { createAppendRevocation } from "../sql/append.ts";
import type { Database } from "../sql/schema.ts";
import { alone } from "./alone.ts";
import { openPostgres } from "./open-postgres.ts";

storeConformance("Postgres", async () => ({ databaseUrl: await makePostgresDatabase() }));

test("an entry gets its number only after those before it are committed, so that no reader passes one by", async () => {
  const url = await makePostgresDatabase();
  const store = await openPostgres(url);
  onTestFinished(() => store.close());
  const user = newUser();
  await store.users.create(user, event("user_created"));
  const session = newSession(user.id);
  await store.sessions.create(session, HASH, event("login"));

  const other = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) });
  onTestFinished(() => other.destroy());
  let revoking: Promise<unknown> | undefined;
  await other.transaction().execute(async (trx) => {
    await createAppendRevocation({ alone })(trx, sessionRevocation("first"));
    // The second transaction begins, and would be done, while the first is not committed.
    revoking = store.sessions.revoke(session.id, {
      at: NOW,
      reason: "logout",
      entry: sessionRevocation(session.id),
      audit: event("logout"),
    });
    const settled = revoking.then(() => "settled");
    expect(await Promise.race([settled, waiterOnLock(url).then(() => "waits")])).toBe("waits");
    expect(await store.revocations.entriesAfter(0, 10)).toEqual([]);
  });
  await revoking;
  const entries = await store.revocations.entriesAfter(0, 10);
  expect(entries.map(({ value }) => value)).toEqual(["first", session.id]);
});

test("a rotation whose row is locked waits for it, and those that came with it do not", async () => {
  const url = await makePostgresDatabase();
  const store = await openPostgres(url);
  onTestFinished(() => store.close());
  const user = newUser();
  await store.users.create(user, event("user_created"));
  const [locked, free] = [newSession(user.id), newSession(user.id)];
  for (const session of [locked, free]) await store.sessions.create(session, HASH, event("login"));

  const other = new pg.Client({ connectionString: url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("begin");
  await other.query("select from sessions where id = $1 for update", [locked.id]);
  const rotations = [locked, free].map(({ id }) => store.sessions.rotate(id, presenting(0, NOW)));
  expect(await rotations[1]).toMatchObject({ session: { generation: 1 } });
  expect(await store.sessions.find(locked.id)).toMatchObject({ generation: 0 });
  await other.query("commit");
  expect(await rotations[0]).toMatchObject({ outcome: { outcome: "rotate" }, session: { generation: 1 } });
});

test("a rotation that cannot be written fails alone, not those that came with it", async () => {
  const store = await openPostgres(await makePostgresDatabase());
  onTestFinished(() => store.close());
  const user = newUser();
  await store.users.create(user, event("user_created"));
  const [good, bad, fine] = [newSession(user.id), newSession(user.id), newSession(user.id)];
  for (const session of [good, bad, fine]) await store.sessions.create(session, HASH, event("login"));
  const rotations = await Promise.allSettled([
    store.sessions.rotate(good.id, presenting(0, NOW)),
    store.sessions.rotate(bad.id, (session) => {
      const rotation = presenting(0, NOW)(session);
      return { ...rotation, session: { ...rotation.session, device: { ...session.device, userAgent: "no text: \0" } } };
    }),
    store.sessions.rotate(fine.id, presenting(0, NOW)),
  ]);
  expect(rotations.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const generations = [good, bad, fine].map(async ({ id }) => (await store.sessions.find(id))?.generation);
  expect(await Promise.all(generations)).toEqual([1, 0, 1]);
});

test("rotations commit without waiting for a standby; whatever must not be lost commits as the database is set to", async () => {
  const url = await makePostgresDatabase();
  const store = await openPostgres(url);
  onTestFinished(() => store.close());
  const commits = await watchCommits(url);
  const { users, sessions } = store;
  const user = newUser();
  await users.create(user, event("user_created"));
  const [one, two, stolen, left] = [newSession(user.id), newSession(user.id), newSession(user.id), newSession(user.id)];
  for (const session of [one, two, stolen, left]) await sessions.create(session, HASH, event("login"));
  expect(await commits()).toEqual(["on"]);

  await sessions.rotate(one.id, presenting(0, NOW));
  expect(await commits()).toEqual(["local"]);
  await Promise.all([one, two, stolen].map(({ id }, i) => sessions.rotate(id, presenting(i === 0 ? 1 : 0, NOW + 1))));
  expect(await commits()).toEqual(["local"]);
  await store.ledger.confirm(one.id, event("refresh"));
  expect(await commits()).toEqual(["local"]);

  expect(await sessions.rotate(stolen.id, presenting(0, NOW + 60_000))).toMatchObject({ outcome: { outcome: "theft" } });
  expect(await commits()).toEqual(["on"]);
  await sessions.revoke(left.id, { at: NOW, reason: "logout", entry: sessionRevocation(left.id), audit: event("logout") });
  await sessions.revokeAll(user.id, NOW, "logout_all", versionChange("revoked", user.id));
  expect(await commits()).toEqual(["on"]);
});

test("several replicas that start at once on an empty database all come up", async () => {
  const url = await makePostgresDatabase();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgres(url)));
  for (const store of stores) {
    await expect(store.check()).resolves.toBeUndefined();
    await store.close();
  }
});

test("a replica that found nothing migrated, and had to wait, does not migrate what another has done meanwhile", async () => {
  const url = await makePostgresDatabase();
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  onTestFinished(() => holder.end());
  // kysely's lock of migrations.
  await holder.query("select pg_advisory_lock(3853314791062309107)");
  const opening = [openPostgres(url), openPostgres(url)];
  const here = "(select oid from pg_database where datname = current_database())";
  const waiting = `select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted and database = ${here}`;
  await expect.poll(async () => (await holder.query<{ count: number }>(waiting)).rows[0]?.count, { timeout: 20_000 }).toBe(2);
  await holder.query("select pg_advisory_unlock(3853314791062309107)");
  for (const store of await Promise.all(opening)) {
    await expect(store.check()).resolves.toBeUndefined();
    await store.close();
  }
});

test("another replica is woken by what one appends", async () => {
  const url = await makePostgresDatabase();
  const [one, two] = [await openPostgres(url), await openPostgres(url)];
  onTestFinished(async () => {
    await one.close();
    await two.close();
  });
  const user = newUser();
  await one.users.create(user, event("user_created"));
  const session = newSession(user.id);
  await one.sessions.create(session, HASH, event("login"));

  let wakes = 0;
  let woken = (): void => {};
  const listening = new Promise<void>((resolve) => (woken = resolve));
  const unsubscribe = two.revocations.watch.subscribe(() => {
    wakes++;
    woken();
  });
  onTestFinished(unsubscribe);
  await listening; // once for what came before
  const next = new Promise<void>((resolve) => (woken = resolve));
  await one.sessions.revoke(session.id, {
    at: NOW,
    reason: "logout",
    entry: sessionRevocation(session.id),
    audit: event("logout"),
  });
  await next;
  expect(wakes).toBe(2);
});

test("a database that is not there is one clear sentence", async () => {
  const url = new URL(inject("postgresUrl"));
  url.pathname = "/nowhere";
  await expect(openPostgres(url.href)).rejects.toThrow(/nowhere.*cannot be used.*check OSTIARY_DATABASE_URL/);
  await expect(openPostgres(url.href)).rejects.not.toThrow(url.password);
});

/** Resolves once a transaction of this database waits for an advisory lock. */
async function waiterOnLock(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (;;) {
      const { rowCount } = await client.query(
        `select from pg_locks where locktype = 'advisory' and not granted
         and database = (select oid from pg_database where datname = current_database())`,
      );
      if (rowCount !== null && rowCount > 0) return;
    }
  } finally {
    await client.end();
  }
}

/** Notes what every commit of this database waits for; tells the different ones since it was last asked. */
async function watchCommits(url: string): Promise<() => Promise<string[]>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  // Deferred triggers run as the transaction commits.
  await client.query(`
    create table commits (waits_for text);
    create function note_commit() returns trigger language plpgsql as
      $$ begin insert into commits values (current_setting('synchronous_commit')); return null; end $$;
    create constraint trigger noted after insert or update on users deferrable initially deferred
      for each row execute function note_commit();
    create constraint trigger noted after insert or update on sessions deferrable initially deferred
      for each row execute function note_commit();
    create constraint trigger noted after insert on audit deferrable initially deferred
      for each row execute function note_commit()`);
  return async () => {
    const { rows } = await client.query<{ waits_for: string }>("select distinct waits_for from commits");
    await client.query("truncate commits");
    return rows.map((row) => row.waits_for);
  };
}
